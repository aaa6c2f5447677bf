# guest-program.sh FILE ARG…: runs a program of this checkout in a guest kernel, as its only job. io_uring: see guest-job.sh.
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
sysctl -qw kernel.io_uring_disabled=2
exec node_modules/.bin/node "$@"
