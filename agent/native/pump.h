/*
 * A socket's own sending thread. rtnetlink does a request inside sendmsg(2): while the kernel works on one chunk of routes,
 * JavaScript encodes the next. The thread sees struct pump alone, never JavaScript's memory: pump_post() copies.
 */
#ifndef VSIX_PUMP_H
#define VSIX_PUMP_H

#include <stddef.h>
#include <stdint.h>
#include <uv.h>

/* Sends that pump_post() takes before it says EAGAIN; agent/native/load.ts has the same number. */
enum { POSTED_MAX = 8 };

struct pump;

/* 0 or an errno. `wake` is sent whenever a send failed; both it and `fd` must outlive the pump. */
int pump_start(struct pump **out, int fd, uv_async_t *wake);

/* 0, or EAGAIN when POSTED_MAX are not done, or ENOMEM. One post is sent after another. */
int pump_post(struct pump *p, const void *data, size_t length);

/* Sends not done; or the negative errno of one that failed, once: those behind it were dropped. */
int64_t pump_sent(struct pump *p);

/* Waits for the send under way, as a send() would have; what is behind it is never sent. NULL is nothing to stop. */
void pump_stop(struct pump *p);

#endif
