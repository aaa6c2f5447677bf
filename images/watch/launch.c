/*
 * vsix-launch PROGRAM ARGUMENT...: runs it with CAP_NET_RAW and nothing else, if this process may have that.
 *
 * The file has the capability as permitted (capabilities(7)). Node itself must not: the kernel would have it run in secure
 * mode, in which it reads no NODE_EXTRA_CA_CERTS, and where the container lacks the capability, not at all. An ambient
 * capability does neither. Without the capability the program runs all the same, and says what is missing if it needs it.
 */
#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv)
{
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
  const unsigned raw = 1u << CAP_NET_RAW;

  if (argc < 2) {
    fprintf(stderr, "vsix-launch: wants a program\n");
    return 2;
  }
  if (syscall(SYS_capget, &header, data) != 0) {
    fprintf(stderr, "vsix-launch: capget: %s\n", strerror(errno));
    return 1;
  }
  const unsigned has = data[0].permitted & raw;
  memset(data, 0, sizeof data);
  data[0].permitted = data[0].effective = data[0].inheritable = has;
  if (syscall(SYS_capset, &header, data) != 0) {
    fprintf(stderr, "vsix-launch: capset: %s\n", strerror(errno));
    return 1;
  }
  if (has)
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_NET_RAW, 0, 0);
  setenv("MALLOC_ARENA_MAX", "1", 1); /* the loader takes it away from who has file capabilities */
  execv(argv[1], argv + 1);
  fprintf(stderr, "vsix-launch: %s: %s\n", argv[1], strerror(errno));
  return 127;
}
