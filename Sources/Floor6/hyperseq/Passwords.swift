// Floor 6, hyperseq: where passwords come from: a file, the environment, or the terminal without echo.
internal import Glibc
internal import Keys

enum Passwords {
    static let variable = "HYPERSEQ_PASSWORD"
    private static let lengthLimit = 1_024

    /// The password of an existing key, or a new one that is asked for twice.
    static func get(file: String?, isNew: Bool) throws(KeyError) -> SecretBuffer {
        if let file { return try PasswordFile.read(file) }
        if let value = unsafe getenv(variable) {
            var bytes = unsafe Array(UnsafeRawBufferPointer(start: value, count: strlen(value)))
            guard !bytes.isEmpty else { throw .passwordRequired }
            return SecretBuffer(consuming: &bytes)
        }
        let password = try prompt(isNew ? "New password: " : "Password: ")
        guard isNew else { return password }
        guard try prompt("The same again: ").bytes == password.bytes else { throw .malformed("the two passwords differ") }
        return password
    }

    private static func prompt(_ text: String) throws(KeyError) -> SecretBuffer {
        let terminal = unsafe open("/dev/tty", O_RDWR | O_CLOEXEC)
        guard terminal >= 0 else { throw .passwordRequired }
        defer { close(terminal) }
        var settings = termios()
        guard unsafe tcgetattr(terminal, &settings) == 0 else { throw .passwordRequired }
        var silent = settings
        silent.c_lflag &= ~tcflag_t(ECHO)
        unsafe tcsetattr(terminal, TCSAFLUSH, &silent)
        defer {
            unsafe tcsetattr(terminal, TCSAFLUSH, &settings)
            unsafe write(terminal, "\n", 1)
        }
        unsafe write(terminal, text, text.utf8.count)
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while unsafe read(terminal, &byte, 1) == 1, byte != 10, bytes.count < lengthLimit { bytes.append(byte) }
        guard !bytes.isEmpty else { throw .passwordRequired }
        return SecretBuffer(consuming: &bytes)
    }
}
