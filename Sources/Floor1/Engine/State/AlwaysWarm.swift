// Floor 1, Engine: the accounts that are warm from the start of every transaction of a block (EIP-2929, EIP-3651). They are not
// read for that: most transactions touch none of them.
import Primitives

struct AlwaysWarm {
    private let fork: Fork
    private let coinbase: Address

    init(_ environment: BlockEnvironment) {
        fork = environment.fork
        coinbase = environment.coinbase
    }

    /// Precompiled contracts and, from Shanghai on, the fee recipient.
    @inline(__always)
    func contains(_ address: Address) -> Bool {
        (address == coinbase && fork >= .shanghai) || Precompile(address, fork) != nil
    }
}
