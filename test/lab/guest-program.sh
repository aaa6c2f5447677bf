# guest-program.sh FILE ARG…: runs a program of this checkout in a guest kernel, as its only job. io_uring: see guest-job.sh.
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
sysctl -qw kernel.io_uring_disabled=2
[ -e /dev/fd ] || ln -s /proc/self/fd /dev/fd
export VSIX_TEST_GUEST=1 NODE_COMPILE_CACHE="$PWD/.cache/node"
# Not a terminal, so that progress comes as lines; told outside at once, where there is a directory for that: the runner hands on blocks.
tell() { while IFS= read -r line; do echo "$line" && [ -d /mnt/out ] && echo "$line" >>/mnt/out/progress && sync /mnt/out/progress; done; }
node_modules/.bin/node "$@" 2> >(tell) | cat
exit "${PIPESTATUS[0]}"
