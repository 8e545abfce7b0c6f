// Floor 5, RPC: every method that the server knows, family by family.

/// The dispatcher's table.
package enum MethodTable {
    package static let all: [Method] =
        NodeMethods.table + BlockMethods.table + StateMethods.table + CallMethods.table + FeeMethods.table
        + TransactionMethods.table + LogMethods.table + SubscriptionMethods.table + DebugMethods.table + PoolMethods.table + EvidenceMethods.table
}
