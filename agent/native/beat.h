/*
 * Echoes that leave by themselves. Waking JavaScript for a packet costs many times what the packet does, so a socket sends
 * the same message to a list of addresses again and again from a timer of the event loop, and remembers what it sent and
 * when until JavaScript, awake for something else, asks.
 */
#ifndef VSIX_BEAT_H
#define VSIX_BEAT_H

#include "socket.h"

struct beat;

/* Ends it; its memory is given back once libuv has let go of the timer. NULL is nothing to stop. */
void beat_stop(struct beat *b);

napi_value sock_beat(napi_env env, napi_callback_info info);
napi_value sock_beats(napi_env env, napi_callback_info info);

#endif
