// Floor 1, Engine: a valid transaction from buying its gas to paying the fee recipient.
import Primitives

extension TransactionExecutor {
    /// Everything but the removal of destroyed accounts. The caller checks afterwards whether the state has failed.
    func perform(_ message: Message) -> TransactionOutcome {
        buyGas(message)
        warm(message)
        let refund = message.authorizations.isEmpty ? 0 : delegate(message.authorizations)
        let created = message.to == nil ? ContractAddress.create(sender: message.sender, nonce: message.nonce) : nil
        var result: RunResult
        let isObserved = unsafe machine.pointee.observation != nil
        if isObserved { announce(message, created) }
        if let created {
            result = create(message, created)
        } else {
            result = enter(message)
        }
        if isObserved { unsafe leaveFrame(machine, FrameResult(result.status), gasLeft: result.gasLeft) }
        var outcome = TransactionOutcome(
            status: result.status, gasUsed: 0, gasRefunded: 0, output: unsafe machine.pointee.returnedBytes, logs: [],
            createdAddress: created, effectiveGasPrice: message.gasPrice)
        if result.status == .success {
            outcome.logs = unsafe machine.pointee.journal.logs
        } else if case .halted = result.status {
            result.gasLeft = 0
        }
        settle(message, result, refund, &outcome)
        return outcome
    }

    /// Tells the observer of the transaction's own frame.
    private func announce(_ message: Message, _ created: Address?) {
        unsafe message.data.withUnsafeBufferPointer { bytes in
            unsafe enterFrame(
                machine, created == nil ? .call : .create, from: message.sender, to: created ?? message.to ?? .zero,
                value: message.value, gas: message.gasLimit &- message.intrinsicGas, bytes.baseAddress, bytes.count)
        }
    }

    private func buyGas(_ message: Message) {
        unsafe machine.pointee.origin = message.sender
        unsafe machine.pointee.gasPrice = message.gasPrice
        unsafe machine.pointee.blobHashes = message.blobHashes
        let fee = message.gasPrice &* UInt256(UInt64(message.gasLimit)) &+ message.blobFee
        let balance = unsafe machine.pointee.journal.balance(message.senderIndex)
        unsafe machine.pointee.journal.setBalance(message.senderIndex, balance &- fee)
        unsafe machine.pointee.journal.setNonce(message.senderIndex, message.nonce &+ 1)
    }

    /// EIP-2929, EIP-2930, EIP-3651: what is warm from the start. The target becomes warm when it is entered.
    private func warm(_ message: Message) {
        _ = unsafe machine.pointee.journal.warmAccount(message.senderIndex)
        unsafe machine.pointee.journal.warmAlways()
        for entry in message.accessList {
            let index = unsafe machine.pointee.journal.account(entry.address)
            _ = unsafe machine.pointee.journal.warmAccount(index)
            for key in entry.storageKeys {
                let slot = unsafe machine.pointee.journal.slot(index, key)
                _ = unsafe machine.pointee.journal.warmSlot(slot)
            }
        }
    }

    /// A creation transaction.
    private func create(_ message: Message, _ address: Address) -> RunResult {
        unsafe machine.pointee.returnedCount = 0
        let index = unsafe machine.pointee.journal.account(address)
        _ = unsafe machine.pointee.journal.warmAccount(index)
        if unsafe machine.pointee.journal.collides(index) { return RunResult(status: .halted(.addressCollision), gasLeft: 0) }
        unsafe message.data.withUnsafeBufferPointer { bytes in
            unsafe enterCreation(
                machine, index, address, sender: message.senderIndex, message.sender, value: message.value,
                gas: message.gasLimit &- message.intrinsicGas, bytes.baseAddress, bytes.count)
        }
        return unsafe run(machine)
    }

    /// A call transaction.
    private func enter(_ message: Message) -> RunResult {
        let gas = message.gasLimit &- message.intrinsicGas
        let address = message.to ?? .zero
        let target = unsafe machine.pointee.journal.account(address)
        _ = unsafe machine.pointee.journal.warmAccount(target)
        var code = unsafe machine.pointee.journal.code(target)
        var isDelegated = false
        if environment.fork >= .prague, let delegate = code.delegate {
            let index = unsafe machine.pointee.journal.account(delegate)
            _ = unsafe machine.pointee.journal.warmAccount(index)
            code = unsafe machine.pointee.journal.code(index)
            isDelegated = true
        }
        unsafe machine.pointee.returnedCount = 0
        let checkpoint = unsafe machine.pointee.journal.checkpoint
        unsafe machine.pointee.journal.transfer(from: message.senderIndex, to: target, message.value)
        return unsafe message.data.withUnsafeBufferPointer { bytes in
            if !isDelegated, let precompile = Precompile(address, environment.fork) {
                let left = unsafe precompile.run(machine, bytes.baseAddress, bytes.count, gas)
                if left >= 0 { return RunResult(status: .success, gasLeft: left) }
                unsafe machine.pointee.journal.revert(to: checkpoint)
                unsafe machine.pointee.returnedCount = 0
                return RunResult(status: .halted(.precompileFailed), gasLeft: 0)
            }
            guard code.count > 0 else { return RunResult(status: .success, gasLeft: gas) }
            unsafe machine.pointee.push(
                Frame(
                    call: code, gas: gas, input: bytes.baseAddress, inputCount: bytes.count, account: target, address: address,
                    caller: message.sender, value: message.value, checkpoint: checkpoint))
            return unsafe run(machine)
        }
    }

    /// Refund (EIP-3529), floor (EIP-7623), gas back to the sender, tip to the fee recipient; the base fee is burnt.
    private func settle(_ message: Message, _ result: RunResult, _ authorizationRefund: Int64, _ outcome: inout TransactionOutcome) {
        let consumed = UInt64(message.gasLimit &- result.gasLeft)
        var counter = authorizationRefund
        if result.status == .success { unsafe counter &+= machine.pointee.journal.refund }
        let refunded = min(consumed / GasRules.refundQuotient(environment.fork), UInt64(max(counter, 0)))
        outcome.gasUsed = max(consumed - refunded, UInt64(message.floorGas))
        outcome.gasRefunded = consumed > outcome.gasUsed ? consumed - outcome.gasUsed : 0

        let back = UInt256(UInt64(message.gasLimit) - outcome.gasUsed) &* message.gasPrice
        let balance = unsafe machine.pointee.journal.balance(message.senderIndex)
        unsafe machine.pointee.journal.setBalance(message.senderIndex, balance &+ back)
        if withholdsFees { return }
        // Only a call without a price pays less than the base fee.
        let tip = unsafe message.gasPrice.subtracting(machine.pointee.environment.baseFeePerGas) ?? .zero
        let recipient = unsafe machine.pointee.journal.account(environment.coinbase)
        let before = unsafe machine.pointee.journal.balance(recipient)
        unsafe machine.pointee.journal.setBalance(recipient, before &+ UInt256(outcome.gasUsed) &* tip)
    }
}
