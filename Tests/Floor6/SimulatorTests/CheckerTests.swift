// Each checker can fail: it is shown what it must refuse.
import Consensus
import Crypto
import Executor
import Engine
import Primitives
import Simulator
import Testing

@Suite struct CheckerTests {
    let a = Hash256(w0: 1, w1: 0, w2: 0, w3: 0)
    let b = Hash256(w0: 2, w1: 0, w2: 0, w3: 0)
    let signature = SimulatedKey(0).sign(.zero)

    func vote(_ view: UInt64, _ hash: Hash256, parentView: UInt64 = 0) -> ConsensusMessage {
        .vote(
            Signed(
                statement: VoteStatement(epoch: 1, view: view, blockHash: hash, parentView: parentView), signer: 0, signature: signature))
    }

    func commit(_ view: UInt64, _ hash: Hash256) -> ConsensusMessage {
        .commitVote(
            Signed(statement: CommitStatement(epoch: 1, view: view, height: view, blockHash: hash), signer: 0, signature: signature))
    }

    func timeout(_ view: UInt64, highQC: UInt64, tip: UInt64 = 0) -> ConsensusMessage {
        let certificate = QuorumCertificate(
            statement: VoteStatement(epoch: 1, view: highQC, blockHash: a, parentView: 0), signers: SignerBitmap(), signatures: [])
        let statement = TimeoutStatement(
            epoch: 1, view: view, highQCView: highQC, highQCHash: a, tipView: tip, tipHash: tip > 0 ? b : .zero, tipParentHash: .zero)
        return .timeout(
            Timeout(
                signed: Signed(statement: statement, signer: 0, signature: signature), highQC: certificate, entry: .quorum(certificate)))
    }

    func proposal(_ view: UInt64, _ payload: UInt8) -> ConsensusMessage {
        let header = BlockHeader(
            epoch: 1, view: view, height: 1, parentHash: a, parentView: 0, payloadRoot: Keccak256.hash([payload]), payloadByteCount: 1,
            timestampMilliseconds: 1, proposer: .zero)
        let certificate = QuorumCertificate.genesis(epoch: 1, hash: a)
        return .proposal(
            Proposal(block: Block(header: header, payload: [payload]), justification: .quorum(certificate), signature: signature))
    }

    func slashed(_ messages: [ConsensusMessage]) -> String {
        var check = SlashableCheck(validatorCount: 1)
        for message in messages { check.sent(message, by: 0) }
        return check.problems.first.map { String($0.prefix(2)) } ?? ""
    }

    @Test func agreement() {
        var check = AgreementCheck()
        check.finalised(height: 1, hash: a, node: 0)
        check.finalised(height: 1, hash: a, node: 1)
        #expect(check.problems.isEmpty && check.height == 1)
        check.finalised(height: 1, hash: b, node: 2)
        #expect(check.problems.count == 1)
    }

    @Test func certifiedStays() {
        var check = CertifiedNotRevertedCheck()
        check.certified(height: 1, hash: a)
        check.finalised(height: 1, hash: a)
        #expect(check.problems.isEmpty)
        check.certified(height: 1, hash: b)
        #expect(check.problems.count == 1)
        check.certified(height: 2, hash: a)
        check.finalised(height: 2, hash: b)
        #expect(check.problems.count == 2 && check.revertedCount == 2)
    }

    @Test func slashable() {
        #expect(slashed([vote(3, a), vote(3, a), commit(3, a), commit(3, a), timeout(4, highQC: 3), vote(5, b, parentView: 3)]) == "")
        #expect(slashed([proposal(2, 1), proposal(2, 1)]) == "")
        #expect(slashed([proposal(2, 1), proposal(2, 2)]) == "E1")
        #expect(slashed([vote(3, a), vote(3, b)]) == "E2")
        #expect(slashed([commit(3, a), commit(3, b)]) == "E3")
        #expect(slashed([vote(3, a), timeout(4, highQC: 2)]) == "E5")
        #expect(slashed([vote(3, a), timeout(4, highQC: 2, tip: 3)]) == "")
        #expect(slashed([timeout(4, highQC: 2), vote(3, a)]) == "E5", "the order of signing does not matter")
        #expect(slashed([vote(3, a, parentView: 2), timeout(4, highQC: 1, tip: 3)]) == "E6")
        #expect(slashed([commit(3, a), timeout(4, highQC: 2)]) == "E6")
        #expect(slashed([timeout(4, highQC: 2), commit(3, a)]) == "E6")
        #expect(slashed([timeout(4, highQC: 2), timeout(4, highQC: 3)]) == "tw")
    }

    @Test func durability() {
        var record = SafetyRecord(epoch: 1, genesisHash: a)
        record.lastVotedView = 3
        record.lastCommitVotedView = 3
        record.lastTimeoutView = 3
        record.lastProposedView = 3
        for (good, bad) in [(vote(3, a), vote(4, a)), (commit(3, a), commit(4, a)), (timeout(3, highQC: 1), timeout(4, highQC: 1)),
            (proposal(3, 1), proposal(4, 1))]
        {
            var check = DurabilityCheck()
            check.sent(good, node: 0, record: record)
            #expect(check.problems.isEmpty)
            check.sent(bad, node: 0, record: record)
            #expect(check.problems.count == 1)
            check.sent(good, node: 0, record: nil)
            #expect(check.problems.count == 2)
        }
    }

    @Test func blame() {
        var check = BlameCheck()
        let what = Misbehaviour.invalidSignature(validator: 1)
        check.reported(what, node: 0, validatorOfNode: { $0 }, isSuspect: { $0 == 1 })
        #expect(check.problems.isEmpty && check.named == [1])
        check.reported(what, node: 0, validatorOfNode: { $0 }, isSuspect: { $0 == 2 })
        #expect(check.problems.count == 1)
    }

    @Test func inclusion() {
        var check = InclusionCheck()
        check.accepted(a)
        check.accepted(b)
        check.included(a, height: 4)
        check.included(a, height: 4)
        #expect(check.problems.isEmpty && check.missingCount == 1)
        check.ended()
        #expect(check.problems.count == 1)
        check.included(a, height: 5)
        #expect(check.problems.count == 2)
    }

    @Test func machineStates() throws {
        let genesis = { (balance: UInt256) in
            try Genesis(
                chainID: 1, timestampMilliseconds: 1, gasLimit: 1_000_000, baseFeePerGas: 1,
                accounts: [GenesisAccount(address: Address(small: 7), balance: balance)], validators: []
            ).execute()
        }
        var check = MachineStatesCheck()
        check.executed(try genesis(1), node: 0)
        check.executed(try genesis(1), node: 1)
        #expect(check.problems.isEmpty)
        check.executed(try genesis(2), node: 2)
        #expect(check.problems.count == 1)
        check.ended(node: 1, height: 3, accounts: [:], reference: (3, [Address(small: 7): AccountRecord(nonce: 0, balance: 1)]))
        #expect(check.problems.count == 2)
    }

    @Test func storageAndLiveness() {
        var storage = StorageCheck()
        storage.note("something", node: 1)
        #expect(storage.problems.count == 1)
        var liveness = LivenessCheck()
        liveness.ended(lowest: 5, goal: 5, afterMilliseconds: 1, detail: "")
        #expect(liveness.problems.isEmpty)
        liveness.ended(lowest: 4, goal: 5, afterMilliseconds: 1, detail: "")
        #expect(liveness.problems.count == 1)
    }

    /// The checkers are wired: a network that cannot make progress, and one with more twins than it can bear, are found out.
    @Test func aRunFails() {
        var silent = SimulationPlan(weights: [1, 1, 1, 1])
        silent.links.quality.lossPercent = 100
        silent.livenessMilliseconds = 5_000
        #expect(SimulationRun(plan: silent, seed: 1).run().violations.map(\.check) == ["LivenessCheck"])

        var fork = SimulationPlan(weights: [1, 1, 1, 1])
        fork.twins = [0, 1]
        // Each group holds one node of each twin and one honest one: both are quorums.
        fork.faults = [TimedFault(at: .time(milliseconds: 0), .partition(groups: [[0, 1, 2], [4, 5, 3]]))]
        fork.expectations.findsFork = true
        #expect(SimulationRun(plan: fork, seed: 1).run().isGood, "two final chains must be noticed")
        fork.twins = []
        fork.faults = []
        #expect(SimulationRun(plan: fork, seed: 1).run().violations.map(\.check) == ["ForkExpected"])
    }
}
