"""Random programs that reach deep: operands are on the stack when an instruction wants them, jumps land on JUMPDESTs, loops end,
calls find their input in memory. A small share of noise keeps the failing paths covered.

Everything is drawn from the `random.Random` that the caller seeds; nothing here reads a clock or the environment."""

import inputs

FORKS = ("Shanghai", "Cancun", "Prague", "Osaka")
WORD = (1 << 256) - 1

EDGES = [0, 1, 2, 3, 31, 32, 33, 255, 256, 257, 1 << 31, (1 << 32) - 1, 1 << 63, (1 << 64) - 1, 1 << 64, (1 << 128) - 1, 1 << 128, 1 << 255,
         (1 << 255) - 1, WORD, WORD - 1, WORD - 31, (1 << 160) - 1, 0x8000000000000000000000000000000000000000000000000000000000000001,
         0xFFFFFFFFFFFFFFFF0000000000000000FFFFFFFFFFFFFFFF0000000000000000, (1 << 192) - 1, (1 << 192) + 1]

# Instructions that only compute: (opcode, operands).
ARITHMETIC = [(0x01, 2), (0x02, 2), (0x03, 2), (0x04, 2), (0x05, 2), (0x06, 2), (0x07, 2), (0x08, 3), (0x09, 3), (0x0A, 2), (0x0B, 2),
              (0x10, 2), (0x11, 2), (0x12, 2), (0x13, 2), (0x14, 2), (0x15, 1), (0x16, 2), (0x17, 2), (0x18, 2), (0x19, 1), (0x1A, 2),
              (0x1B, 2), (0x1C, 2), (0x1D, 2)]
CONTEXT = [0x30, 0x32, 0x33, 0x34, 0x36, 0x38, 0x3A, 0x3D, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x58, 0x59, 0x5A, 0x5A, 0x5A]
GAS_CHOICES = [0, 1, 700, 2299, 2300, 2301, 5000, 9000, 30000, 60000, 100000, 1 << 40, (1 << 64) - 1, WORD]
# The operands of BYTE, SIGNEXTEND and the shifts mostly lie in range.
SMALL_FIRST = frozenset((0x0B, 0x1A, 0x1B, 0x1C, 0x1D))


class Program:
    """Code under construction. `depth` is the number of words that this block may use."""

    def __init__(self, rng, world, size, nesting=0):
        self.rng = rng
        self.random = rng.random
        self.world = world
        self.code = bytearray()
        self.depth = 0
        self.nesting = nesting
        self.blobs = []
        for _ in range(size):
            self.statement()
            if self.depth > 10:
                self.sink()
        self.finish()

    # --- Small pieces

    def below(self, bound):
        return int(self.random() * bound)

    def pick(self, items):
        return items[int(self.random() * len(items))]

    def push(self, value):
        if value == 0 and self.random() < 0.9:
            self.code.append(0x5F)
        else:
            width = (value.bit_length() + 7) // 8 or 1
            if self.random() < 0.08:
                width = min(width + self.below(32), 32)
            data = value.to_bytes(width, "big")
            self.code.append(0x5F + len(data))
            self.code += data
        self.depth += 1

    def op(self, opcode, takes, gives=0):
        self.code.append(opcode)
        self.depth += gives - takes

    def value(self):
        """Pushes any word."""
        choice = self.random()
        if choice < 0.35:
            self.push(self.below(40))
        elif choice < 0.6:
            self.push(self.pick(EDGES))
        elif choice < 0.72:
            self.push(self.rng.getrandbits(self.pick((8, 64, 128, 160, 256, 256))))
        elif choice < 0.8:
            self.push(self.below(100))
            self.op(0x35, 1, 1)
        elif choice < 0.88 and self.depth > 0:
            self.op(0x80 + self.below(min(self.depth, 16)), 0, 1)
        elif choice < 0.94:
            self.op(self.pick(CONTEXT), 0, 1)
        else:
            self.push(self.pick(self.world.addresses))

    def operands(self, count):
        """Makes `count` words ready, with luck those that are there already."""
        if self.depth >= count and self.random() < 0.5:
            return
        for _ in range(count):
            self.value()

    def offset(self):
        """Pushes a place in memory: near, sometimes at an odd or a far one."""
        choice = self.random()
        if choice < 0.7:
            self.push(self.below(10) * 32)
        elif choice < 0.992:
            self.push(self.below(400))
        elif choice < 0.997:
            self.push(self.below(10000))
        else:
            self.push(self.pick(EDGES))

    def length(self):
        choice = self.random()
        if choice < 0.25:
            self.push(0)
        elif choice < 0.992:
            self.push(self.pick((1, 31, 32, 33, 64, 96, 100, 128, 192)))
        elif choice < 0.997:
            self.push(self.below(5000))
        else:
            self.push(self.pick(EDGES))

    def address(self):
        if self.random() < 0.97:
            self.push(self.pick(self.world.addresses))
        else:
            self.push(self.rng.getrandbits(256))

    def slot(self):
        self.push(self.below(4) if self.random() < 0.95 else self.pick(EDGES))

    def knows(self, fork):
        """Whether the fork has an instruction; rarely yes when it has not."""
        return self.world.fork >= fork or self.random() < 0.02

    def blob(self, data):
        """Pushes the place where `data` will lie behind the code. Patched by `finish`."""
        self.code += b"\x61\x00\x00"
        self.blobs.append((len(self.code) - 2, data))
        self.depth += 1

    def load_blob(self, data, destination=0):
        """Copies `data` to memory."""
        self.push(len(data))
        self.blob(data)
        self.push(destination)
        self.op(0x39, 3)

    # --- Statements

    def statement(self):
        choice = self.random()
        index = 0
        for bound in BOUNDS:
            if choice < bound:
                break
            index += 1
        STATEMENTS[index](self)

    def arithmetic(self):
        opcode, count = self.pick(ARITHMETIC)
        if count == 2 and opcode in SMALL_FIRST and self.random() < 0.7:
            self.value()
            self.push(self.below(34 if opcode < 0x1B else 270))
        else:
            self.operands(count)
        self.op(opcode, count, 1)
        if self.random() < 0.02 and self.knows(3):
            self.op(0x1E, 1, 1)

    def count_leading_zeros(self):
        if self.knows(3):
            self.operands(1)
            self.op(0x1E, 1, 1)

    def exponentiation(self):
        self.push(self.pick((0, 1, 2, 3, 255, 256, 257, 65535, self.rng.getrandbits(200))))
        self.value()
        self.op(0x0A, 2, 1)

    def stack(self):
        if self.random() < 0.08:
            self.deep_words()
        elif self.depth >= 2 and self.random() < 0.6:
            self.op(0x90 + self.below(min(self.depth - 1, 16)), 0)
        elif self.depth >= 1:
            self.op(0x80 + self.below(min(self.depth, 16)), 0, 1)
        else:
            self.value()

    def deep_words(self):
        """Reaches far down the stack; subtractions, whose order matters, make one word of it all."""
        count = 3 + self.below(15)
        for _ in range(count):
            self.push(self.below(1 << 20))
        for _ in range(4):
            if self.random() < 0.5:
                self.op(0x90 + self.below(min(count - 1, 16)), 0)
            else:
                self.op(0x80 + self.below(min(count, 16)), 0, 1)
                count += 1
        for _ in range(count - 1):
            self.op(0x03, 2, 1)

    def context(self):
        choice = self.below(12)
        if choice < 7:
            self.op(self.pick(CONTEXT), 0, 1)
        elif choice == 7:
            self.push(self.pick((0, 1, 255, 256, 257, 999, 1000, self.world.number, self.world.number - 1, max(self.world.number - 256, 0), WORD)))
            self.op(0x40, 1, 1)
        elif choice == 8 and self.knows(1):
            self.push(self.pick((0, 0, 1, 2, 6, WORD)))
            self.op(0x49, 1, 1)
        elif choice == 9 and self.knows(1):
            self.op(0x4A, 0, 1)
        else:
            self.push(self.pick((0, 4, 31, 32, 64, 1 << 64, WORD)))
            self.op(0x35, 1, 1)

    def memory(self):
        choice = self.below(7)
        if choice < 2:
            self.operands(1)
            self.offset()
            self.op(0x52, 2)
        elif choice == 2:
            self.operands(1)
            self.offset()
            self.op(0x53, 2)
        elif choice == 3:
            self.offset()
            self.op(0x51, 1, 1)
        elif choice == 4:
            self.length()
            self.offset()
            self.op(0x20, 2, 1)
        elif choice == 5 and self.knows(1):
            self.length()
            self.offset()
            self.offset()
            self.op(0x5E, 3)
        else:
            self.length()
            self.push(self.pick((0, 1, 10, 32, 100, WORD)))
            self.push(self.below(300))
            self.op(self.pick((0x37, 0x39)), 3)

    def storage(self):
        choice = self.below(6)
        transient = self.random() < 0.25 and self.knows(1)
        if choice < 3:
            if self.random() < 0.7:
                self.push(self.pick((0, 0, 1, 2, 3, WORD)))
            else:
                self.value()
            self.slot()
            self.op(0x5D if transient else 0x55, 2)
        else:
            self.slot()
            self.op(0x5C if transient else 0x54, 1, 1)

    def log(self):
        topics = self.below(5)
        for _ in range(topics):
            self.value()
        self.length()
        self.offset()
        self.op(0xA0 + topics, 2 + topics)

    def account(self):
        choice = self.below(5)
        if choice == 4:
            self.length()
            self.push(self.pick((0, 1, 32, 1000, WORD)))
            self.offset()
            self.address()
            self.op(0x3C, 4)
        else:
            self.address()
            self.op((0x31, 0x3B, 0x3F, 0x31)[choice], 1, 1)

    def return_data(self):
        if self.random() < 0.8:
            self.op(0x3D, 0, 1)
            self.push(0)
        else:
            self.push(self.pick((0, 1, 32)))
            self.push(self.pick((0, 0, 1, 32, WORD)))
        self.offset()
        self.op(0x3E, 3)

    def call(self, target=None, count=None):
        """A call of any kind to a known or given address, with `count` bytes of input at 0 when they have been prepared."""
        kind = self.pick((0xF1, 0xF1, 0xF1, 0xF2, 0xF4, 0xF4, 0xFA, 0xFA))
        self.length()
        self.offset()
        if count is None:
            self.length()
            self.offset()
        else:
            self.push(count)
            self.push(0)
        if kind in (0xF1, 0xF2):
            self.push(self.pick((0, 0, 0, 0, 1, 1, 2, 5, 1000, WORD)))
        if target is None:
            self.address()
        else:
            self.push(target)
        # Calls with all the gas go in circles until there is none: they are the minority.
        choice = self.random()
        if choice < 0.3:
            self.op(0x5A, 0, 1)
        elif choice < 0.75:
            self.push(self.below(50000))
        else:
            self.push(self.pick(GAS_CHOICES))
        self.op(kind, 7 if kind in (0xF1, 0xF2) else 6, 1)
        if self.random() < 0.3:
            self.return_data()

    def contract_call(self):
        self.call(self.pick(self.world.contracts))

    def precompile(self):
        number, data = inputs.precompile(self.rng, self.world.fork)
        self.load_blob(data)
        self.call(number, len(data))

    def creation(self):
        if self.nesting >= 2:
            return self.arithmetic()
        data = init_code(self.rng, self.world, self.nesting + 1)
        self.load_blob(data)
        salted = self.random() < 0.5
        if salted:
            self.push(self.below(3))
        self.push(len(data) if self.random() < 0.95 else self.pick((0, 1, 49152, 49153, WORD)))
        self.push(0 if self.random() < 0.98 else 1)
        self.push(self.pick((0, 0, 0, 1, 5, WORD)))
        self.op(0xF5 if salted else 0xF0, 4 if salted else 3, 1)
        if self.random() < 0.5:
            # Call what was created, with its address below the other operands.
            self.call_created()

    def call_created(self):
        for _ in range(4):
            self.push(0)
        self.push(self.pick((0, 0, 1)))
        self.op(0x85, 0, 1)
        self.op(0x5A, 0, 1)
        self.op(0xF1, 7, 1)

    def branch(self):
        """Skips a block when a condition holds."""
        self.operands(1)
        if self.random() < 0.5:
            self.op(0x15, 1, 1)
        mark = self.forward_jump(0x57, 2)
        self.block(2)
        self.land(mark)

    def loop(self):
        """Runs a block a few times, rarely until the gas ends."""
        if self.nesting >= 2:
            return self.arithmetic()
        self.push(self.pick((1, 2, 3, 5, 17)) if self.random() < 0.98 else 1 << 20)
        start = len(self.code)
        self.op(0x5B, 0)
        self.block(3)
        self.push(1)
        self.op(0x90, 0)
        self.op(0x03, 2, 1)
        self.op(0x80, 0, 1)
        self.code += b"\x61" + start.to_bytes(2, "big")
        self.depth += 1
        self.op(0x57, 2)
        self.op(0x50, 1)

    def block(self, size):
        """Statements that leave the stack as they found it: conditions and loops stay balanced."""
        outer = self.depth
        self.nesting += 1
        self.depth = 0
        for _ in range(1 + self.below(size)):
            self.statement()
        while self.depth > 0:
            self.sink()
        self.nesting -= 1
        self.depth = outer

    def forward_jump(self, opcode, takes):
        self.code += b"\x61\x00\x00"
        self.depth += 1
        mark = len(self.code) - 2
        self.op(opcode, takes)
        return mark

    def land(self, mark):
        self.code[mark:mark + 2] = len(self.code).to_bytes(2, "big")
        self.code.append(0x5B)

    def skip(self):
        """A jump over data that looks like code."""
        mark = self.forward_jump(0x56, 1)
        self.code += self.pick((b"\xfe", b"\x60", b"\x7f\x5b\x5b", b"\x5b\x00", b""))
        if self.code[mark + 2:][-1:] not in (b"\x60", b"\x5b"):
            self.land(mark)
        else:
            self.code += b"\x00" * 32
            self.land(mark)

    def destruct(self):
        if self.random() < 0.3:
            self.address()
            self.op(0xFF, 1)

    def noise(self):
        if self.random() < 0.1:
            self.code.append(self.below(256))
        elif self.random() < 0.1:
            self.code += b"\x56"
            self.depth = max(self.depth - 1, 0)
        elif self.random() < 0.05:
            self.deep_stack()
        else:
            self.op(0x5A, 0, 1)

    def deep_stack(self):
        """Fills the stack to about its limit."""
        self.push(0)
        self.code += b"\x80" * self.pick((1015, 1020, 1024))
        self.depth += 1
        self.code += b"\x50" * 1010

    def sink(self):
        """Uses up a word, mostly so that its value is seen outside."""
        choice = self.random()
        if choice < 0.35:
            self.push(self.below(12) * 32)
            self.op(0x52, 2)
        elif choice < 0.5:
            self.slot()
            self.op(0x55, 2)
        elif choice < 0.6:
            self.push(0)
            self.push(0)
            self.op(0xA1, 3)
        elif choice < 0.8 and self.depth >= 2:
            self.op(0x18, 2, 1)
        else:
            self.op(0x50, 1)

    def finish(self):
        """The end of a program: what it has computed becomes visible, then the data follow."""
        while self.depth > 0 and self.random() < 0.8:
            self.sink()
        choice = self.random()
        if choice < 0.55:
            self.push(self.pick((32, 64, 352, 1, 0)))
            self.push(0)
            self.code.append(0xF3)
        elif choice < 0.7:
            self.push(self.pick((0, 32, 100)))
            self.push(0)
            self.code.append(0xFD)
        elif choice < 0.78:
            self.address()
            self.code.append(0xFF)
        elif choice < 0.81:
            self.code.append(0xFE)
        else:
            self.code.append(0x00)
        for place, data in self.blobs:
            self.code[place:place + 2] = (len(self.code) & 0xFFFF).to_bytes(2, "big")
            self.code += data
        if self.random() < 0.03:
            self.code += bytes((0x5F + 1 + self.below(32),))


WEIGHTS = [
    (Program.arithmetic, 17), (Program.count_leading_zeros, 2), (Program.exponentiation, 1), (Program.stack, 8), (Program.context, 8), (Program.memory, 12),
    (Program.storage, 14), (Program.log, 3), (Program.account, 5), (Program.return_data, 1), (Program.contract_call, 6),
    (Program.call, 4), (Program.precompile, 3), (Program.creation, 3), (Program.branch, 5), (Program.loop, 3),
    (Program.skip, 1), (Program.destruct, 1.5), (Program.noise, 2),
]
STATEMENTS = [statement for statement, _ in WEIGHTS]
BOUNDS = []
for _, weight in WEIGHTS[:-1]:
    BOUNDS.append((BOUNDS[-1] if BOUNDS else 0) + weight / sum(w for _, w in WEIGHTS))


def program(rng, world, nesting=0):
    """The code of a contract."""
    return bytes(Program(rng, world, 3 + int(rng.random() * 22), nesting).code)


def init_code(rng, world, nesting):
    """What runs when a contract is created: any program, or one that returns code."""
    choice = rng.random()
    if choice < 0.35:
        return bytes(Program(rng, world, 1 + int(rng.random() * 10), nesting).code)
    if choice < 0.8:
        code = bytes(Program(rng, world, 1 + int(rng.random() * 8), nesting).code)
    else:
        code = rng.choice((b"", b"\xef", b"\xef\x00\x01", b"\xef\x01\x00" + b"\x11" * 20, b"\x00", b"\xfe", b"\x00" * 24576, b"\x00" * 24577))
    if len(code) > 24000:
        # Too long to be written out: memory of that size, all zero.
        return b"\x61" + len(code).to_bytes(2, "big") + b"\x5f\xf3"
    head = b"\x61" + len(code).to_bytes(2, "big") + b"\x80\x60\x0b\x5f\x39\x5f\xf3"
    assert len(head) == 10
    prefix = b"\x5b" if rng.random() < 0.9 else b"\x00"
    return prefix + head + code
