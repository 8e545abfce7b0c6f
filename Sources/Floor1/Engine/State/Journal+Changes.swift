// Floor 1, Engine: what a block has changed, net and sorted.
import Primitives

extension Journal {
    /// The difference between the state now and the database.
    ///
    /// A removed account (`record == nil`) loses its whole storage; its slots that were read or written are listed as zero too.
    func changes() -> StateChanges {
        var result = StateChanges()
        var codeNumbers: [Int] = []
        for index in 0..<accounts.count {
            let entry = unsafe accounts.entries[index]
            if exists(index) {
                guard !entry.baseExists || entry.current != entry.base else { continue }
                result.accounts.append(AccountChange(address: entry.address, record: entry.current))
                if entry.current.codeHash != entry.base.codeHash, entry.codeNumber > 0 { codeNumbers.append(Int(entry.codeNumber)) }
            } else if entry.baseExists, hasEmptyAccounts || entry.touched || entry.current != entry.base {
                result.accounts.append(AccountChange(address: entry.address, record: nil))
            }
        }
        for index in 0..<slots.count {
            let entry = unsafe slots.entries[index]
            guard entry.present != entry.base else { continue }
            let address = unsafe accounts.entries[Int(entry.account)].address
            result.storage.append(StorageChange(address: address, slot: entry.key, value: entry.present))
        }
        result.accounts.sort { $0.address < $1.address }
        result.storage.sort { $0.address == $1.address ? $0.slot < $1.slot : $0.address < $1.address }
        codeNumbers.sort { codes.blocks[$0].hash < codes.blocks[$1].hash }
        var last = -1
        for number in codeNumbers where number != last {
            last = number
            result.code.append(CodeChange(hash: codes.blocks[number].hash, code: codes.blocks[number].copy))
        }
        return result
    }
}
