#!/bin/sh
# An inventory script for Ansible: ansible-inventory -i examples/ansible/inventory.sh --graph
# Where the controller is and the token to show there come from $VSIX_URL, $VSIX_TOKEN_FILE and $VSIX_CA, or $VSIX_SOCKET.
exec "${VSIXCTL:-vsixctl}" inventory --all "$@"
