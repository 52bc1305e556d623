# The QEMU guests' boot sector: fills memory with what does not compress, so that a live migration has something to transfer, then waits
# for the power button, so that a shutdown does not take its two minutes. guest-os.sh holds it assembled:
#   as --32 -o guest.o guest.s && objcopy -O binary -j .text guest.o guest.bin && xxd -p guest.bin
.code16
.globl start
start:
  cli
  xorw %ax,%ax
  movw %ax,%ds
  movw %ax,%ss
  movw $0x7c00,%sp
  inb $0x92,%al
  orb $2,%al
  outb %al,$0x92
  lgdtw 0x7c00+gdtr-start	# %es gets a limit of 4 GiB and keeps it back in real mode
  movl %cr0,%eax
  orb $1,%al
  movl %eax,%cr0
  jmp 1f
1: movw $8,%bx
  movw %bx,%es
  andb $0xfe,%al
  movl %eax,%cr0
  movl $0x100000,%edi
  movl $0xa00000,%ecx	# 40 MiB; 0 in the OS "tiny"
  movl $0x12345678,%eax
2: jecxz 3f
  addr32 movl %eax,%es:(%edi)
  addl $4,%edi
  addl $0x9e3779b9,%eax
  decl %ecx
  jmp 2b
3: movw $0x602,%dx	# PIIX4: the power button sets its bit when that is enabled
  movw $0x100,%ax
  outw %ax,%dx
  inb $0xa1,%al		# but its interrupt stays masked; the timer ends the hlt
  orb $2,%al
  outb %al,$0xa1
4: sti
  hlt
  movw $0x600,%dx
  inw %dx,%ax
  testb $1,%ah
  jz 4b
  movw $0x604,%dx	# off
  movw $0x2000,%ax
  outw %ax,%dx
  jmp 4b
  .p2align 2
gdtr: .word 15
  .long 0x7c00+gdt-start
gdt: .quad 0
  .word 0xffff,0
  .byte 0,0x92,0xcf,0
end:
