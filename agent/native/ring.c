#define _GNU_SOURCE
#include "ring.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>

void ring_unmap(struct sock *s) {
  struct ring *r = s->ring;
  if (r == NULL) return;
  s->ring = NULL;
  napi_handle_scope scope;
  if (napi_open_handle_scope(r->env, &scope) == napi_ok) {
    napi_value view = NULL;
    if (napi_get_reference_value(r->env, r->view, &view) == napi_ok && view != NULL)
      napi_detach_arraybuffer(r->env, view);
    napi_close_handle_scope(r->env, scope);
  }
  napi_delete_reference(r->env, r->view);
  munmap(r->memory, r->length); /* the mapping keeps the socket open: without this it would go on capturing */
  free(r);
}

/* map(length): the ring that setsockopt(PACKET_RX_RING) made, as an ArrayBuffer; once per socket. Detached by close(). */
napi_value sock_map(napi_env env, napi_callback_info info) {
  napi_value argv[1], view = NULL;
  int32_t length;
  struct sock *s = receiver(env, info, 1, argv, NULL);
  if (s == NULL || !get_int(env, argv[0], &length)) return NULL;
  if (s->fd < 0) return integer(env, -EBADF);
  if (s->ring != NULL) return integer(env, -EALREADY);
  if (length <= 0) return integer(env, -EINVAL);
  struct ring *r = calloc(1, sizeof *r);
  if (r == NULL) return integer(env, -ENOMEM);
  r->env = env;
  r->length = (size_t)length;
  void *memory = mmap(NULL, r->length, PROT_READ | PROT_WRITE, MAP_SHARED, s->fd, 0);
  if (memory == MAP_FAILED) {
    int error = errno;
    free(r);
    return integer(env, -error);
  }
  r->memory = memory;
  if (napi_create_external_arraybuffer(env, r->memory, r->length, NULL, NULL, &view) != napi_ok) {
    munmap(r->memory, r->length);
    free(r);
    return integer(env, -ENOTSUP);
  }
  if (napi_create_reference(env, view, 1, &r->view) != napi_ok) {
    napi_detach_arraybuffer(env, view);
    munmap(r->memory, r->length);
    free(r);
    return integer(env, -ENOMEM);
  }
  s->ring = r;
  return view;
}

/* The status word of the block at an offset; NULL where no block begins inside the ring. */
static uint32_t *status_of(struct sock *s, int32_t offset) {
  if (s->ring == NULL || offset < 0 || offset % 4096 != 0 ||
      (size_t)offset + sizeof(struct tpacket_block_desc) > s->ring->length)
    return NULL;
  return &((struct tpacket_block_desc *)(s->ring->memory + offset))->hdr.bh1.block_status;
}

/* blockReady(offset): 1 when the kernel has handed the block over; whatever is read of it comes after this. */
napi_value sock_block_ready(napi_env env, napi_callback_info info) {
  napi_value argv[1];
  int32_t offset;
  struct sock *s = receiver(env, info, 1, argv, NULL);
  if (s == NULL || !get_int(env, argv[0], &offset)) return NULL;
  uint32_t *status = status_of(s, offset);
  if (status == NULL) return integer(env, -EINVAL);
  return integer(env, (__atomic_load_n(status, __ATOMIC_ACQUIRE) & TP_STATUS_USER) != 0);
}

/* blockDone(offset): gives it back to the kernel; whatever was read of it came before. */
napi_value sock_block_done(napi_env env, napi_callback_info info) {
  napi_value argv[1];
  int32_t offset;
  struct sock *s = receiver(env, info, 1, argv, NULL);
  if (s == NULL || !get_int(env, argv[0], &offset)) return NULL;
  uint32_t *status = status_of(s, offset);
  if (status == NULL) return integer(env, -EINVAL);
  __atomic_store_n(status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
  return integer(env, 0);
}

/* getsockopt(level, name, value: Uint8Array): octets written */
napi_value sock_getsockopt(napi_env env, napi_callback_info info) {
  napi_value argv[3];
  int32_t level, name;
  void *value;
  size_t length;
  struct sock *s = receiver(env, info, 3, argv, NULL);
  if (s == NULL || !get_int(env, argv[0], &level) || !get_int(env, argv[1], &name) ||
      !get_array(env, argv[2], napi_uint8_array, &value, &length))
    return NULL;
  socklen_t size = length > INT32_MAX ? INT32_MAX : (socklen_t)length;
  return integer(env, getsockopt(s->fd, level, name, value, &size) < 0 ? -errno : (int64_t)size);
}
