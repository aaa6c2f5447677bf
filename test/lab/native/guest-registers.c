/*
 * guest-registers.so: preloaded into a User-Mode Linux on a machine with AMX, where it cannot start otherwise.
 *
 * User-Mode Linux 6.12 keeps 2,696 octets of its processes' extended registers (arch/x86/um/user-offsets.c), and gives
 * as many back. The machine's kernel takes the whole of its own layout or nothing (xstateregs_set in
 * arch/x86/kernel/fpu/regset.c: EFAULT), and that is 11,008 octets where the processor has AMX. Here what is missing is filled
 * with zeros, and the bits of what lies there are cleared in XSTATE_BV (Intel SDM vol. 1, section 13.4.2). No process in the guest
 * may use AMX: it would have to ask for it (ARCH_REQ_XCOMP_PERM), and User-Mode Linux has no answer to that.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <elf.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/uio.h>

#define XSTATE_BV 512
/* Components up to PKRU (9), which is the last in 2,696 octets. */
#define KEPT 0x3ffULL

typedef long (*ptrace_fn)(enum __ptrace_request, pid_t, void *, void *);

static unsigned char whole[65536] __attribute__((aligned(64)));
static size_t whole_length;

long ptrace(enum __ptrace_request request, ...)
{
	static ptrace_fn next;
	va_list list;
	va_start(list, request);
	pid_t pid = va_arg(list, pid_t);
	void *address = va_arg(list, void *);
	void *data = va_arg(list, void *);
	va_end(list);
	if (!next)
		next = (ptrace_fn)dlsym(RTLD_NEXT, "ptrace");
	if (request != PTRACE_SETREGSET || (uintptr_t)address != NT_X86_XSTATE)
		return next(request, pid, address, data);
	const struct iovec *given = data;
	if (whole_length == 0) {
		struct iovec present = { whole, sizeof whole };
		if (next(PTRACE_GETREGSET, pid, address, &present) < 0)
			return -1;
		whole_length = present.iov_len;
	}
	if (given->iov_len >= whole_length || given->iov_len < XSTATE_BV + 64)
		return next(request, pid, address, data);
	uint64_t components;
	memset(whole, 0, whole_length);
	memcpy(whole, given->iov_base, given->iov_len);
	memcpy(&components, whole + XSTATE_BV, sizeof components);
	components &= KEPT;
	memcpy(whole + XSTATE_BV, &components, sizeof components);
	struct iovec all = { whole, whole_length };
	return next(request, pid, address, &all);
}
