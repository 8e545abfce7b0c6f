// Keys and small values that the tests share. The keys are worthless on purpose.
import Consensus
import Crypto
import Primitives

func testKey(_ number: Int) -> SecretKey {
    SecretKey(Keccak256.hash(Array("consensus test key \(number)".utf8)).bytes)!
}

func testKeys(_ count: Int) -> [SecretKey] { (0..<count).map(testKey) }

let testGenesis = BlockHeader(
    epoch: 0, view: 0, height: 0, parentHash: .zero, parentView: 0, payloadRoot: Keccak256.hash([]), payloadByteCount: 0,
    timestampMilliseconds: 0, proposer: .zero)
