# Where the guest begins: a stack, then main, then a good end. And the host calls: number in a7, arguments in a0 and a1.
    .section .text.start, "ax"
    .globl _start
    .type _start, @function
_start:
    .option push
    .option norelax
    la gp, __global_pointer$
    .option pop
    la sp, __stack_top
    call main
    li a0, 0
    li a7, 0
    ecall
    unimp
    .size _start, . - _start

    .macro host_call name, number
    .section .text.\name, "ax"
    .globl \name
    .type \name, @function
\name:
    li a7, \number
    ecall
    ret
    .size \name, . - \name
    .endm

    host_call guest_halt, 0
    host_call guest_read_input, 1
    host_call guest_input_remaining, 2
    host_call guest_write_output, 3
