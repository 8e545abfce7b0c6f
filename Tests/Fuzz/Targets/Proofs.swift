// Any bytes as a proof of the state tree. One that was changed anywhere must show nothing: the key and root are fixed.
import Engine
import Primitives

func fuzzProof(_ bytes: [UInt8]) {
    var reader = CanonicalReader(bytes)
    guard let index = try? reader.read(UInt64.self), let key = digest(&reader), let next = digest(&reader), let value = try? reader.readHash(),
        let wanted = digest(&reader), let root = try? reader.readHash()
    else { return }
    var siblings: [PoseidonDigest] = []
    while let sibling = digest(&reader) { siblings.append(sibling) }
    let proof = TreeProof(index: index, leaf: TreeLeaf(key: key, nextKey: next, value: value), siblings: siblings)
    // A path that leads to a root found by mutation would be a collision.
    precondition(proof.verify(key: wanted, root: root) == nil)
}

private func digest(_ reader: inout CanonicalReader) -> PoseidonDigest? {
    guard let hash = try? reader.readHash() else { return nil }
    return PoseidonDigest(hash)
}
