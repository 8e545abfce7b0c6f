// The bytes on the wire and the digests that are signed, pinned. The expected values were made outside of this project, digests and
// signatures with eth-account 0.14.0 (Python), encodings with a few lines of Python: a change of field order or width cannot pass unseen.
import Consensus
import Crypto
import Primitives
import Testing

@Suite struct GoldenVectorTests {
    func name(_ text: String) -> Hash256 { Keccak256.hash(Array(text.utf8)) }

    var domain: SigningDomain { SigningDomain(chainId: 270, genesisHash: testGenesis.hash) }
    var proposal: ProposalStatement { ProposalStatement(epoch: 1, view: 7, blockHash: name("block")) }
    var vote: VoteStatement { VoteStatement(epoch: 1, view: 7, blockHash: name("block"), parentView: 6) }
    var commit: CommitStatement { CommitStatement(epoch: 1, view: 7, height: 5, blockHash: name("block")) }
    var timeout: TimeoutStatement {
        TimeoutStatement(
            epoch: 1, view: .max - 1, highQCView: 6, highQCHash: name("high"), tipView: 7, tipHash: name("tip"), tipParentHash: name("high"))
    }

    func sign(_ statement: some Statement) -> RecoverableSignature { testKey(0).sign(statement.digest(domain)) }

    @Test func domainSeparator() {
        #expect(testGenesis.hash.hex == "0x4613fd61062d23e65a77ca603a0f894db8c2eeb996baefa42d570d4dc9b05c7c")
        #expect(domain.separator.hex == "0x5790591b88c5e2acebf2a0bd8ba5dbb9b285d293ca940774dc79f2b535277016")
    }

    @Test func typedDataDigests() {
        #expect(proposal.digest(domain).hex == "0x138f9e9b9c8c61df8f2cfb7706379814c5032085c7491ab91c6d8f541073f9f2")
        #expect(vote.digest(domain).hex == "0xeaf8d6116c347c53368bf6c7a81e198a1653f997a772c89e0f0faf77701903d5")
        #expect(commit.digest(domain).hex == "0x2267d8fc6b7a9bb9b6408ed0fdf444ccc857475e594fe17197cbdd9db31b7187")
        #expect(timeout.digest(domain).hex == "0xe8e1e7d35370a0144ff23614c045a321e5b9230b1602b782c7128059defe46fc")
    }

    @Test func signatures() {
        #expect(testKey(0).address.hex == "0x38ef01769967ca0ef4570ab3562e8c166c341631")
        #expect(
            Hex.encode(sign(proposal).compact)
                == "0xdcab20bc8c222028534f60d8d8732ec3a4da72a23358a7c6852be67302d0c6f26b14fb10dbc9f17d089678f30f3450cbcfa2f2ed04e3fc9ef47d35571ab5ef1b")
        #expect(
            Hex.encode(sign(vote).compact)
                == "0x73eab0b0f79fac330c314fc83856b279aeae86c765010be1029bb8ed49ab6e0e6c3cab68e9f9e0ef5f30929a0c6fa4941a34546e7f57e8cf865dfe6982db6296")
        #expect(
            Hex.encode(sign(commit).compact)
                == "0x041ec7f7c5264fe9e264c07def4060242cf6d929062a2ac0b7203fbbfe62f6d728592b71a28fd0fb542319598b2c783aafa19b16dd3cd7a806efb9fc8fcfb4d1")
        #expect(
            Hex.encode(sign(timeout).compact)
                == "0x1f291658cf413d0fcad3a2945bb9b1530efa2e6c0a1d97e9cc05ecb9e5dd534414b9469336d3cf4e62645b40ad3f70e84f7a5b5b766050790bd0f9b11c335608")
    }

    // MARK: Encodings

    var header: BlockHeader {
        BlockHeader(
            epoch: 1, view: 7, height: 5, parentHash: name("parent"), parentView: 6, payloadRoot: name("payload"), payloadByteCount: 7,
            timestampMilliseconds: 1_700_000_000_123, proposer: testKey(0).address)
    }
    var block: Block { Block(header: header, payload: Array("payload".utf8)) }

    var quorumCertificate: QuorumCertificate {
        var signers = SignerBitmap()
        signers.insert(0)
        signers.insert(65)
        return QuorumCertificate(statement: vote, signers: signers, signatures: [sign(vote), sign(vote)])
    }
    var commitCertificate: CommitCertificate {
        var signers = SignerBitmap()
        signers.insert(3)
        return CommitCertificate(statement: commit, signers: signers, signatures: [sign(commit)])
    }
    var timeoutCertificate: TimeoutCertificate {
        var signers = SignerBitmap()
        signers.insert(1)
        return TimeoutCertificate(
            epoch: 1, view: .max - 1, signers: signers, statements: [timeout], signatures: [sign(timeout)], highQC: quorumCertificate)
    }
    var timeoutMessage: Timeout {
        Timeout(
            signed: Signed(statement: timeout, signer: 2, signature: sign(timeout)), highQC: quorumCertificate, entry: .timeout(timeoutCertificate))
    }

    var headerProposal: HeaderProposal {
        HeaderProposal(view: 8, tipView: 7, header: header, justification: .quorum(quorumCertificate), signature: sign(proposal))
    }

    /// The new kinds are made of parts that are pinned above.
    @Test func headerProposalBytes() throws {
        let whole = messages[0].0.encoded
        let views: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 7]
        let withoutPayload = Array(whole[1..<1 + BlockHeader.byteCount]) + whole.dropFirst(1 + BlockHeader.byteCount + 4 + 7)
        let message = ConsensusMessage.headerProposal(headerProposal)
        #expect(message.encoded == [10] + views + withoutPayload)
        #expect(try ConsensusMessage.decode(message.encoded, maximumPayloadBytes: 0) == message)
        let request = ConsensusMessage.proposalRequest(ProposalRequest(view: 7, blockHash: name("block")))
        #expect(request.encoded == [11, 0, 0, 0, 0, 0, 0, 0, 7] + name("block").bytes)
        #expect(try ConsensusMessage.decode(request.encoded, maximumPayloadBytes: 0) == request)
        for bytes in [message.encoded, request.encoded] {
            for count in 0..<bytes.count {
                #expect(throws: CanonicalError.self) { try ConsensusMessage.decode(Array(bytes[0..<count]), maximumPayloadBytes: 0) }
            }
            #expect(throws: CanonicalError.trailingBytes) { try ConsensusMessage.decode(bytes + [0], maximumPayloadBytes: 0) }
        }
    }

    var messages: [(ConsensusMessage, count: Int, hash: String)] {
        let range = BlockRequest.range(fromHeight: 9, count: 64)
        return [
            (.proposal(Proposal(block: block, justification: .quorum(quorumCertificate), signature: sign(proposal))), 397, "45048747ae47a6965f04b9927e01205210839595b3a04904b427ab73b23d5283"),
            (.vote(Vote(statement: vote, signer: 2, signature: sign(vote))), 119, "7c189cdbe6466dc4b59520db913cad0b8264c24b0486adb4374c4aaf92934ca8"),
            (.commitVote(CommitVote(statement: commit, signer: 2, signature: sign(commit))), 119, "4e6d62d27cdaf13f7e183be1852e99cf7e80d87789ea58815e1a12807ada6539"),
            (.timeout(timeoutMessage), 788, "60ed76092aca8173d880e4743413cec840558aef353366f0f3b1933dc934c024"),
            (.quorumCertificate(quorumCertificate), 197, "c98a448c808a1075e67c9b8c8eaf312a34bde6958fae8fd25395b65a604dc67f"),
            (.timeoutCertificate(timeoutCertificate), 401, "7d575f71f973b11001d5720103596eeb287fc8d3803c51329741d61b2652022e"),
            (.commitCertificate(commitCertificate), 133, "923c9cabac355ccea63e20cb61e19dcf478f175c76cf6f874a362f16185131fb"),
            (.blockRequest(.block(name("block"))), 34, "afef16fe14c9990f8648ce6981d763c54d1dc2811bf474ba162d3619ef54b1a5"),
            (.blockRequest(range), 12, "9ea3b9018ed800e177600456d8a7a3bd2eb6405b7a71287937ab1679c77daf00"),
            (.blockResponse(BlockResponse(request: range, blocks: [block], certificate: commitCertificate)), 284, "545f99c549e734126bf388d1303ba7b2e0396a06e87d8a62fa774ae97e848391"),
        ]
    }

    @Test func messageBytes() throws {
        for (message, count, hash) in messages {
            #expect(message.encoded.count == count, "kind \(message.kind)")
            #expect(Keccak256.hash(message.encoded).hex == "0x" + hash, "kind \(message.kind)")
            #expect(message.encoded.first == message.kind)
            #expect(try ConsensusMessage.decode(message.encoded, maximumPayloadBytes: 100) == message)
        }
        #expect(header.hash.hex == "0x75d93ee24e064dc14dcf21d70975340d6d4272c0d9b29da71785241e8c82eed6")
        #expect(
            Hex.encode(messages[1].0.encoded)
                == "0x0200000001000000000000000720b53acf0daefc8c6ad68c861fb3b543ca541abd101abc1edfcbf6606b838ef40000000000000006000273eab0b0f79fac330c314fc83856b279aeae86c765010be1029bb8ed49ab6e0e6c3cab68e9f9e0ef5f30929a0c6fa4941a34546e7f57e8cf865dfe6982db6296"
        )
    }

    @Test func recordBytes() throws {
        var record = SafetyRecord(epoch: 1, genesisHash: testGenesis.hash)
        record.view = 8
        record.lastVotedView = 7
        record.lastVotedHash = name("block")
        record.lastVotedParentHash = name("parent")
        record.lastVotedParentView = 6
        record.lastCommitVotedView = 5
        record.lastTimeoutView = 4
        record.lastProposedView = 3
        record.highQC = quorumCertificate
        record.entry = .quorum(quorumCertificate)
        record.timeout = timeoutMessage
        record.proposal = SafetyRecord.SignedHeader(header: header, signature: sign(proposal))
        // Format 2 is format 1, whose hash was made outside, with the proposal's tip view and the number of proofs behind it.
        #expect(record.encoded.count == 1487 + 9)
        #expect(record.encoded.suffix(9).allSatisfy { $0 == 0 } && record.encoded[0] == 2)
        #expect(
            Keccak256.hash([1] + record.encoded.dropFirst().dropLast(9)).hex
                == "0xa3f9322b513e4417016bd94d786225db41a9169a08684c697e3b61ee789ac5e8")
        // A node that was stopped before the tip rule came starts from what it stored.
        #expect(try SafetyRecord.decode([1] + record.encoded.dropFirst().dropLast(9)) == record)
        record.proposal?.tipView = 6
        record.tipProof = [headerProposal, headerProposal]
        #expect(try SafetyRecord.decode(record.encoded) == record)
    }

    // MARK: Refused bytes

    @Test func everyShorterOrLongerFormIsRefused() {
        for (message, _, _) in messages {
            let bytes = message.encoded
            for count in 0..<bytes.count {
                #expect(throws: CanonicalError.self) { try ConsensusMessage.decode(Array(bytes[0..<count]), maximumPayloadBytes: 100) }
            }
            #expect(throws: CanonicalError.trailingBytes) { try ConsensusMessage.decode(bytes + [0], maximumPayloadBytes: 100) }
        }
        #expect(throws: CanonicalError.invalidValue) { try ConsensusMessage.decode([12], maximumPayloadBytes: 100) }
    }

    @Test func limits() {
        #expect(throws: CanonicalError.tooLong) { try ConsensusMessage.decode(messages[0].0.encoded, maximumPayloadBytes: 6) }
        let many: [UInt8] = [8, 2] + [UInt8](repeating: 0, count: 8) + [0, 65]
        #expect(throws: CanonicalError.invalidValue) { try ConsensusMessage.decode(many, maximumPayloadBytes: 100) }
        let none: [UInt8] = [8, 2] + [UInt8](repeating: 0, count: 8) + [0, 0]
        #expect(throws: CanonicalError.invalidValue) { try ConsensusMessage.decode(none, maximumPayloadBytes: 100) }
        let response: [UInt8] = [9, 2] + [UInt8](repeating: 0, count: 8) + [0, 1] + [0xff, 0xff, 0xff, 0xff]
        #expect(throws: CanonicalError.tooLong) { try ConsensusMessage.decode(response, maximumPayloadBytes: 100) }
        var other = block
        other.header.payloadByteCount = 8
        let mismatch = ConsensusMessage.proposal(Proposal(block: other, justification: .quorum(quorumCertificate), signature: sign(proposal)))
        #expect(throws: CanonicalError.invalidValue) { try ConsensusMessage.decode(mismatch.encoded, maximumPayloadBytes: 100) }
    }

    /// s above half of the order is refused on the wire; the very high ones cannot even be spelled, their top bit is the parity.
    @Test func highSIsRefused() {
        let good = sign(vote)
        var bytes = ConsensusMessage.vote(Vote(statement: vote, signer: 2, signature: good)).encoded
        let high = Secp256k1.halfOrder &+ 1
        bytes.replaceSubrange(bytes.count - 32..<bytes.count, with: high.bigEndianBytes)
        #expect(throws: CanonicalError.invalidValue) { try ConsensusMessage.decode(bytes, maximumPayloadBytes: 100) }
    }
}
