// swift-tools-version: 6.2
//
// Hyperseq: the node software of a network of Hyperchains.
// The folders of `Sources/` are the floors of the house: a target depends only on floors below its own.

import PackageDescription

/// Replicas that break a rule on purpose exist only with MUTANTS in the environment (`Consensus/Replica/Mutant.swift`).
let mutants: [SwiftSetting] = Context.environment["MUTANTS"] != nil ? [.define("MUTANTS")] : []

/// Every module of ours: Swift 6 mode, strict memory safety, warnings are errors.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
] + mutants

let tests: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .treatAllWarnings(as: .error),
] + mutants

/// The interpreter's speed depends on how LLVM writes its loop: words on the stack in 64-bit limbs, never in vectors, and the
/// jump to the next instruction copied to the end of every one (Specs/engine.md, "Machine code").
let interpreter: [SwiftSetting] = [
    .unsafeFlags([
        "-Xllvm", "-vectorize-slp=false", "-Xllvm", "-combiner-store-merging=false",
        "-Xllvm", "-tail-dup-pred-size=1000", "-Xllvm", "-tail-dup-succ-size=1000",
    ])
]

func module(_ floor: Int, _ name: String, _ dependencies: [Target.Dependency], _ settings: [SwiftSetting] = []) -> Target {
    .target(name: name, dependencies: dependencies, path: "Sources/Floor\(floor)/\(name)", swiftSettings: strict + settings)
}

/// Vector loops for processors with AVX2; the caller asks first (`CCPU`). Optimised in debug builds too.
func kernels(_ name: String) -> Target {
    #if arch(x86_64)
        let flags = ["-O", "-Xcc", "-mavx2"]
    #else
        let flags = ["-O"]
    #endif
    return .target(name: name, path: "Sources/Floor0/\(name)", swiftSettings: strict + [.unsafeFlags(flags)])
}

func clibrary(_ name: String, _ pkgConfig: String, _ package: String) -> Target {
    .systemLibrary(name: name, path: "Sources/Floor0/\(name)", pkgConfig: pkgConfig, providers: [.apt([package])])
}

func testModule(_ floor: Int, _ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, path: "Tests/Floor\(floor)/\(name)", swiftSettings: tests)
}

let package = Package(
    name: "hyperseq",
    products: [
        .executable(name: "hyperseq", targets: ["hyperseq"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
    ],
    targets: [
        // MARK: - Floor 0: numbers, hashes, encodings, C libraries
        clibrary("CSecp256k1", "libsecp256k1", "libsecp256k1-dev"),
        clibrary("CSodium", "libsodium", "libsodium-dev"),
        clibrary("CGMP", "gmp", "libgmp-dev"),
        clibrary("CLMDB", "lmdb", "liblmdb-dev"),
        clibrary("CLibUV", "libuv", "libuv1-dev"),
        clibrary("COpenSSL", "libcrypto", "libssl-dev"),
        .systemLibrary(name: "CCPU", path: "Sources/Floor0/CCPU"),
        kernels("PoseidonKernels"),
        module(0, "Primitives", ["CCPU", "PoseidonKernels"]),
        module(0, "Crypto", ["Primitives", "CSecp256k1", "CGMP", "CSodium"]),

        // MARK: - Floor 1: the engine
        module(1, "Engine", ["Primitives", "Crypto"], interpreter),
        module(1, "ZKVM", []),

        // MARK: - Floor 2: the BFT replica
        module(2, "Consensus", ["Primitives", "Crypto"]),

        // MARK: - Floor 3: machines
        module(3, "Mempool", ["Primitives", "Engine"]),
        module(3, "Executor", ["Primitives", "Engine"]),

        // MARK: - Floor 4: the world
        module(4, "Network", ["Primitives", "CLibUV", "CSodium", .product(name: "Logging", package: "swift-log")]),
        module(4, "Storage", ["Primitives", "Engine", "Consensus", "Executor", "CLMDB"]),

        // MARK: - Floor 5: the node and its RPC
        module(5, "Ordering", ["Primitives", "Consensus", "Network", "Storage"]),
        module(
            5, "RPC",
            [
                "Primitives", "Crypto", "Engine", "Consensus", "Executor",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"), .product(name: "NIOWebSocket", package: "swift-nio"),
            ]),
        module(
            5, "Node",
            [
                "Primitives", "Crypto", "Engine", "Consensus", "Mempool", "Executor", "Network", "Storage", "Ordering", "RPC",
                .product(name: "Logging", package: "swift-log"),
            ]),

        // MARK: - Floor 6: what people run
        module(6, "StateTests", ["Primitives", "Crypto", "Engine"]),
        module(6, "GuestChecks", ["Primitives", "Crypto", "Engine", "ZKVM"]),
        module(6, "EngineBench", ["Primitives", "Engine"]),
        module(
            6, "ConsensusBench",
            [
                "Primitives", "Crypto", "CSecp256k1", "Consensus", "Network", "Storage", "Ordering",
                .product(name: "Logging", package: "swift-log"),
            ]),
        module(6, "StateBench", ["Primitives", "Engine", "Storage", "Node"]),
        module(6, "Simulator", ["Primitives", "Crypto", "Engine", "Consensus", "Mempool", "Executor"]),
        module(6, "Keys", ["Primitives", "Crypto", "CSodium", "COpenSSL"]),
        module(
            6, "Testnet",
            ["Primitives", "Crypto", "Engine", "Executor", "Keys", "Node"]),
        .executableTarget(
            name: "hyperseq",
            dependencies: [
                "Primitives", "Crypto", "Engine", "Consensus", "ConsensusBench", "Storage", "EngineBench", "GuestChecks", "ZKVM", "Keys",
                "Node", "Simulator",
                "StateBench", "StateTests", "Testnet",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "Sources/Floor6/hyperseq", swiftSettings: strict),

        // MARK: - Tests
        testModule(0, "PrimitivesTests", ["Primitives"]),
        testModule(0, "CryptoTests", ["Crypto", "Primitives"]),
        testModule(1, "EngineTests", ["Engine", "Crypto", "Primitives"]),
        testModule(1, "ZKVMTests", ["ZKVM"]),
        testModule(2, "ConsensusTests", ["Consensus", "Crypto", "Primitives"]),
        testModule(3, "MempoolTests", ["Mempool", "Engine", "Crypto", "Primitives"]),
        testModule(3, "ExecutorTests", ["Executor", "Engine", "Consensus", "Crypto", "Primitives"]),
        testModule(4, "NetworkTests", ["Network", "Primitives", .product(name: "Logging", package: "swift-log")]),
        testModule(4, "StorageTests", ["Storage", "Executor", "Engine", "Consensus", "Crypto", "Primitives"]),
        testModule(
            5, "RPCTests",
            [
                "RPC", "Executor", "Engine", "Consensus", "Crypto", "Primitives",
                .product(name: "Logging", package: "swift-log"),
            ]),
        testModule(5, "NodeTests", ["Node", "Network", "Storage", "Mempool", "Executor", "Engine", "Consensus", "Crypto", "Primitives"]),
        testModule(6, "GuestChecksTests", ["GuestChecks", "Engine", "ZKVM"]),
        testModule(6, "StateTestsTests", ["StateTests", "Engine"]),
        testModule(6, "ConsensusBenchTests", ["ConsensusBench", "Primitives"]),
        testModule(6, "EngineBenchTests", ["EngineBench", "Engine", "Primitives"]),
        testModule(6, "SimulatorTests", ["Simulator", "Consensus", "Crypto", "Primitives", "Engine", "Executor"]),
        testModule(6, "TestnetTests", ["Testnet", "Keys", "Node", "Executor", "Crypto", "Primitives"]),
    ],
    swiftLanguageModes: [.v6]
)

// MARK: - Fuzzing, only with FUZZ in the environment: `make fuzz`

if Context.environment["FUZZ"] != nil {
    let sanitize = ["-sanitize=fuzzer,address"]
    let instrumented = ["Primitives", "Crypto", "Engine", "StateTests"]
    for target in package.targets where instrumented.contains(target.name) {
        target.swiftSettings = (target.swiftSettings ?? []) + [.unsafeFlags(sanitize)]
    }
    package.targets.append(
        .executableTarget(
            name: "Fuzz", dependencies: ["Primitives", "Engine", "GuestChecks", "StateTests"], path: "Tests/Fuzz",
            exclude: ["Corpus"], swiftSettings: tests + [.unsafeFlags(sanitize + ["-parse-as-library"])],
            linkerSettings: [.unsafeFlags(sanitize + ["-use-ld=lld"])]))
    package.products.append(.executable(name: "Fuzz", targets: ["Fuzz"]))
}

// MARK: - Replicas that break a rule, only with MUTANTS in the environment: `make mutants`

if Context.environment["MUTANTS"] != nil {
    package.targets.append(
        .executableTarget(
            name: "MutantCampaign", dependencies: ["Simulator", "Consensus"], path: "Tests/Mutants", swiftSettings: tests))
    package.products.append(.executable(name: "MutantCampaign", targets: ["MutantCampaign"]))
}
