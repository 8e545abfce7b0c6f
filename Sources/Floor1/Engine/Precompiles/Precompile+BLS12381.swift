// Floor 1, Engine: the precompiles on BLS12-381: KZG point evaluation (EIP-4844) and the curve's operations (EIP-2537), priced by
// the same texts.
import Crypto
import Primitives

extension Precompile {
    private static let pointEvaluationGas: Int64 = 50000
    private static let g1AddGas: Int64 = 375
    private static let g2AddGas: Int64 = 600
    private static let g1MultiplicationGas: Int64 = 12000
    private static let g2MultiplicationGas: Int64 = 22500
    private static let pairingBaseGas: Int64 = 37700
    private static let pairingPairGas: Int64 = 32600
    private static let mapToG1Gas: Int64 = 5500
    private static let mapToG2Gas: Int64 = 23800

    /// The price of one of the precompiles 0x0a to 0x11 on `count` bytes; `nil` when it fails on every input of that length, which
    /// is told here so that no long input is copied for a fixed price.
    func priceOnBLS12381(_ count: Int) -> Int64? {
        let g1Size = BLS12381.point1ByteCount
        let g2Size = BLS12381.point2ByteCount
        switch self {
        case .pointEvaluation: return count == KZG.inputByteCount ? Precompile.pointEvaluationGas : nil
        case .blsG1Add: return count == 2 * g1Size ? Precompile.g1AddGas : nil
        case .blsG2Add: return count == 2 * g2Size ? Precompile.g2AddGas : nil
        case .blsG1MultiExponentiation:
            guard let terms = Precompile.terms(count, of: g1Size + BLS12381.scalarByteCount) else { return nil }
            return terms &* Precompile.g1MultiplicationGas &* Int64(Precompile.g1Discounts[Int(min(terms, 128)) - 1]) / 1000
        case .blsG2MultiExponentiation:
            guard let terms = Precompile.terms(count, of: g2Size + BLS12381.scalarByteCount) else { return nil }
            return terms &* Precompile.g2MultiplicationGas &* Int64(Precompile.g2Discounts[Int(min(terms, 128)) - 1]) / 1000
        case .blsPairing:
            guard let pairs = Precompile.terms(count, of: g1Size + g2Size) else { return nil }
            return Precompile.pairingBaseGas &+ Precompile.pairingPairGas &* pairs
        case .blsMapToG1: return count == BLS12381.elementByteCount ? Precompile.mapToG1Gas : nil
        case .blsMapToG2: return count == 2 * BLS12381.elementByteCount ? Precompile.mapToG2Gas : nil
        default: preconditionFailure("not on BLS12-381")
        }
    }

    /// The output of one of the precompiles 0x0a to 0x11; `nil` fails the call.
    func outputOnBLS12381(_ input: [UInt8]) -> [UInt8]? {
        switch self {
        case .pointEvaluation: KZG.verifyPointEvaluation(input)
        case .blsG1Add: BLS12381.addG1(input)
        case .blsG2Add: BLS12381.addG2(input)
        case .blsG1MultiExponentiation: BLS12381.sumOfMultiplesG1(input)
        case .blsG2MultiExponentiation: BLS12381.sumOfMultiplesG2(input)
        case .blsPairing: BLS12381.pairingCheck(input)
        case .blsMapToG1: BLS12381.mapToG1(input)
        case .blsMapToG2: BLS12381.mapToG2(input)
        default: preconditionFailure("not on BLS12-381")
        }
    }

    /// How many terms of `size` bytes an input of `count` bytes, at most 2^30, is; `nil` when it is none or not a whole number.
    private static func terms(_ count: Int, of size: Int) -> Int64? {
        count > 0 && count % size == 0 ? Int64(count / size) : nil
    }

    /// Thousandths of the full price of a multiplication, for 1 to 128 terms; beyond that the last one stays.
    private static let g1Discounts: InlineArray<128, Int16> = [
        1000, 949, 848, 797, 764, 750, 738, 728, 719, 712, 705, 698, 692, 687, 682, 677,
        673, 669, 665, 661, 658, 654, 651, 648, 645, 642, 640, 637, 635, 632, 630, 627,
        625, 623, 621, 619, 617, 615, 613, 611, 609, 608, 606, 604, 603, 601, 599, 598,
        596, 595, 593, 592, 591, 589, 588, 586, 585, 584, 582, 581, 580, 579, 577, 576,
        575, 574, 573, 572, 570, 569, 568, 567, 566, 565, 564, 563, 562, 561, 560, 559,
        558, 557, 556, 555, 554, 553, 552, 551, 550, 549, 548, 547, 547, 546, 545, 544,
        543, 542, 541, 540, 540, 539, 538, 537, 536, 536, 535, 534, 533, 532, 532, 531,
        530, 529, 528, 528, 527, 526, 525, 525, 524, 523, 522, 522, 521, 520, 520, 519,
    ]

    /// As `g1Discounts`.
    private static let g2Discounts: InlineArray<128, Int16> = [
        1000, 1000, 923, 884, 855, 832, 812, 796, 782, 770, 759, 749, 740, 732, 724, 717,
        711, 704, 699, 693, 688, 683, 679, 674, 670, 666, 663, 659, 655, 652, 649, 646,
        643, 640, 637, 634, 632, 629, 627, 624, 622, 620, 618, 615, 613, 611, 609, 607,
        606, 604, 602, 600, 598, 597, 595, 593, 592, 590, 589, 587, 586, 584, 583, 582,
        580, 579, 578, 576, 575, 574, 573, 571, 570, 569, 568, 567, 566, 565, 563, 562,
        561, 560, 559, 558, 557, 556, 555, 554, 553, 552, 552, 551, 550, 549, 548, 547,
        546, 545, 545, 544, 543, 542, 541, 541, 540, 539, 538, 537, 537, 536, 535, 535,
        534, 533, 532, 532, 531, 530, 530, 529, 528, 528, 527, 526, 526, 525, 524, 524,
    ]
}
