// Floor 6, hyperseq: `hyperseq keys new|show|import`. Secrets are never printed and never taken as arguments.
internal import ArgumentParser
internal import Foundation
internal import Glibc
internal import Keys
internal import Primitives
internal import Testnet

/// A key's kind as an argument.
enum KindArgument: String, ExpressibleByArgument, CaseIterable {
    case validator
    case node

    var kind: KeyKind { self == .validator ? .validator : .node }
}

struct KeysCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "Make and show keys of validators and nodes.",
        subcommands: [New.self, Show.self, Import.self])

    struct Protection: ParsableArguments {
        @Flag(help: "Plain, unencrypted key files (development only).")
        var plain = false

        @Option(help: "A file whose first line is the password; else HYPERSEQ_PASSWORD, else you are asked.")
        var passwordFile: String?

        func forNewFile() throws(KeyError) -> KeyFile.Protection {
            plain ? .plain : .password(try Passwords.get(file: passwordFile, isNew: true))
        }

        func read(_ path: String, _ kind: KeyKind) throws(KeyError) -> SecretBuffer {
            try KeyFile.read(path, kind: kind, allowPlain: plain) { () throws(KeyError) in
                try Passwords.get(file: passwordFile, isNew: false)
            }
        }
    }

    struct New: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make a new key file (Web3 Secret Storage, mode 0600).")

        @Option(help: "validator (secp256k1) or node (ed25519).")
        var kind: KindArgument = .validator

        @Option(help: "Where to write it; an existing file is never overwritten.")
        var out: String

        @OptionGroup var protection: Protection
        @Flag(help: "One JSON object.") var json = false

        func run() throws {
            let secret = try KeyFile.generate(kind.kind)
            try KeyFile.write(secret, kind: kind.kind, to: out, protection: try protection.forNewFile())
            try KeyReport(secret, kind.kind, file: out).print(json: json)
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show the public side of a key file.")

        @Argument(help: "The key file.")
        var file: String

        @Option(help: "validator (secp256k1) or node (ed25519).")
        var kind: KindArgument = .validator

        @OptionGroup var protection: Protection
        @Flag(help: "One JSON object.") var json = false

        func run() throws {
            try KeyReport(try protection.read(file, kind.kind), kind.kind, file: file).print(json: json)
        }
    }

    struct Import: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a key file from a secret in 64 hexadecimal digits, read from a file or standard input.")

        @Option(help: "A file with the secret; standard input when absent.")
        var from: String?

        @Option(help: "validator (secp256k1) or node (ed25519).")
        var kind: KindArgument = .validator

        @Option(help: "Where to write it; an existing file is never overwritten.")
        var out: String

        @OptionGroup var protection: Protection
        @Flag(help: "One JSON object.") var json = false

        func run() throws {
            var content: [UInt8] = []
            defer { SecretBuffer.zero(&content) }
            if let from {
                content = try SecureFile.read(from, limit: SecureFile.keyFileLimit).bytes
            } else {
                if isatty(STDIN_FILENO) == 1 { Terminal.note("Give the secret (64 hexadecimal digits), then Enter:") }
                var byte: UInt8 = 0
                while content.count < SecureFile.keyFileLimit, unsafe Glibc.read(STDIN_FILENO, &byte, 1) == 1, byte != 10 {
                    content.append(byte)
                }
            }
            let secret = try KeyFile.parsePlain(content)
            try KeyFile.write(secret, kind: kind.kind, to: out, protection: try protection.forNewFile())
            try KeyReport(secret, kind.kind, file: out).print(json: json)
        }
    }
}

/// The public side of a key file.
private struct KeyReport: Encodable {
    var file: String
    var kind: String
    var address: String?
    var publicKey: String?
    var nodeId: String?

    init(_ secret: SecretBuffer, _ kind: KeyKind, file: String) throws(KeyError) {
        self.file = file
        self.kind = kind.rawValue
        switch try KeyFile.identity(of: secret, kind: kind) {
        case .validator(let address, let publicKey):
            self.address = address.checksummed
            self.publicKey = Hex.encode(publicKey)
        case .node(let nodeID): nodeId = nodeID.hex
        }
    }

    func print(json: Bool) throws {
        if json {
            Terminal.json(self)
            return
        }
        let rows = [("file", file), ("kind", kind), ("address", address), ("public key", publicKey), ("node ID", nodeId)]
        for line in Terminal.table(rows.compactMap { row in row.1.map { [row.0, $0] } }) { Terminal.line(line) }
    }
}
