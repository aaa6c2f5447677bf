# guest-job.sh FILE: runs a test file in a guest kernel, as its only job; TAP on standard output.
# io_uring is off: libuv's use of it ends a User-Mode Linux 6.12 in "Bad page map" and a panic.
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
echo "# kernel $(uname -r)"
sysctl -qw kernel.io_uring_disabled=2
[ -e /dev/fd ] || ln -s /proc/self/fd /dev/fd
VSIX_TEST_GUEST=1 exec node_modules/.bin/node --test --test-reporter=tap "$1"
