// What the guest program is given by its runtime and by the machine. Specs/guest.md has the table of host calls.
#pragma once
#include <stddef.h>
#include <stdint.h>

// Ends the program. Only code 0 can be proven.
_Noreturn void guest_halt(uint32_t code);

// Copies the next `count` bytes of the private tape to `target`; gives how many were there.
uint32_t guest_read_input(void *_Nullable target, uint32_t count);

// Bytes of the private tape not yet read.
uint32_t guest_input_remaining(void);

// Appends to the public output.
void guest_write_output(const void *_Nullable source, uint32_t count);
