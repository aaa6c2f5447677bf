// dns-flood IF PACKETS_PER_S SECONDS [PAIRS]: DNS questions and answers over IPv6 and UDP as a resolver's port sees them, at a rate:
// 2,000 clients, 50,000 names of which few are asked for often, 3 in 100 that are asked for once, A, AAAA, HTTPS and PTR, CNAMEs,
// NXDOMAIN, native and translated AAAA. PAIRS different transactions (200,000), over and over with other ids.
// Says as JSON what was sent, when all of it is. Sources: packet(7), RFC 1035, RFC 6891, RFC 1071.
#define _GNU_SOURCE
#include <errno.h>
#include <linux/if_packet.h>
#include <math.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { ETHERNET = 14, IP6 = 40, UDP = 8, DNS_AT = ETHERNET + IP6 + UDP, LAG = 64, BATCH = 32 };
enum { CLIENTS = 2000, NAMES = 50000 };

struct frame {
  uint16_t length;
  uint8_t octets[382];
};

static uint64_t state = 88172645463325252ull;

static uint64_t number(void) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state;
}

static double fraction(void) {
  return (double)(number() >> 11) / 9007199254740992.0;
}

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static uint8_t *put16(uint8_t *at, unsigned value) {
  at[0] = (uint8_t)(value >> 8);
  at[1] = (uint8_t)value;
  return at + 2;
}

/* The wire form of a name that belongs to a number. */
static uint8_t *put_name(uint8_t *at, uint64_t id) {
  static const char *const first[] = {"www", "api", "cdn", "mail", "img", "static", "play", "apps"};
  static const char *const last[] = {"com", "net", "org", "jp", "io", "dev"};
  uint64_t mixed = id * 0x9E3779B97F4A7C15ull;
  char text[128];
  if (id >= NAMES)
    snprintf(text, sizeof text, "%016llx.%s.tracker%u.%s", (unsigned long long)mixed, first[mixed >> 61],
             (unsigned)(mixed % 97), last[mixed % 6]);
  else
    snprintf(text, sizeof text, "%s.site%u-%s.%s", first[(mixed >> 40) & 7], (unsigned)id, first[(mixed >> 50) & 7],
             last[(mixed >> 20) % 6]);
  for (char *label = strtok(text, "."); label != NULL; label = strtok(NULL, ".")) {
    size_t length = strlen(label);
    *at++ = (uint8_t)length;
    memcpy(at, label, length);
    at += length;
  }
  *at++ = 0;
  return at;
}

static uint16_t checksum(const uint8_t *ip, unsigned length) {
  uint32_t sum = length + IPPROTO_UDP;
  for (unsigned i = 8; i < IP6; i += 2) sum += (uint32_t)(ip[i] << 8 | ip[i + 1]);
  for (unsigned i = 0; i + 1 < length; i += 2) sum += (uint32_t)(ip[IP6 + i] << 8 | ip[IP6 + i + 1]);
  if (length % 2 == 1) sum += (uint32_t)(ip[IP6 + length - 1] << 8);
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  return (uint16_t)~sum == 0 ? 0xffff : (uint16_t)~sum;
}

/* Headers before a DNS message of a length. */
static void wrap(struct frame *f, const uint8_t *from, const uint8_t *to, unsigned from_port, unsigned to_port, unsigned dns) {
  static const uint8_t addresses[12] = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1};
  uint8_t *at = f->octets;
  memcpy(at, addresses, sizeof addresses);
  put16(at + 12, ETHERTYPE_IPV6);
  uint8_t *ip = at + ETHERNET;
  memset(ip, 0, IP6 + UDP);
  ip[0] = 0x60;
  put16(ip + 4, dns + UDP);
  ip[6] = IPPROTO_UDP;
  ip[7] = 64;
  memcpy(ip + 8, from, 16);
  memcpy(ip + 24, to, 16);
  uint8_t *udp = ip + IP6;
  put16(put16(put16(udp, from_port), to_port), dns + UDP);
  put16(udp + 6, checksum(ip, dns + UDP));
  f->length = (uint16_t)(DNS_AT + dns);
}

static uint8_t *put_opt(uint8_t *at) {
  static const uint8_t opt[11] = {0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0};
  memcpy(at, opt, sizeof opt);
  return at + sizeof opt;
}

static uint8_t *put_record(uint8_t *at, unsigned type, unsigned ttl, unsigned length) {
  at = put16(at, 0xc00c);
  at = put16(at, type);
  at = put16(at, 1);
  at = put16(put16(at, 0), ttl);
  return put16(at, length);
}

/* Answers by the name's number alone, so that a name has the same each time. Returns how many. */
static unsigned put_answers(uint8_t **end, uint64_t id, unsigned type) {
  uint8_t *at = *end;
  unsigned answers = 0;
  if (id % 5 == 0) {
    uint8_t *rdata = put_record(at, 5, 300, 0);
    at = put_name(rdata, id + 7);
    put16(rdata - 2, (unsigned)(at - rdata));
    answers++;
  }
  for (uint64_t i = 0; i < 1 + id % 3; i++, answers++) {
    uint32_t host = (uint32_t)(id * 77777 + i);
    at = put_record(at, type, 60, type == 1 ? 4 : 16);
    if (type == 28) {
      static const uint8_t translated[12] = {0, 0x64, 0xff, 0x9b}, native[12] = {0x24, 4, 0x68, 0, 0x40, 4, 8, 10};
      memcpy(at, id % 3 == 0 ? native : translated, 12);
      at += 12;
    }
    memcpy(at, &host, 4);
    at += 4;
  }
  *end = at;
  return answers;
}

static void make_pair(struct frame *query, struct frame *response) {
  uint64_t client = number() % CLIENTS, suffix = (client + 1) * 0xD1342543DE82EF95ull;
  uint8_t from[16] = {0x20, 1, 0x0d, 0xb8, 0, 1, 0, (uint8_t)(client % 64)};
  uint8_t to[16] = {0x20, 1, 0x0d, 0xb8, 0xff, 0xff, [15] = (uint8_t)(0x53 + (number() & 1))};
  memcpy(from + 8, &suffix, 8);
  uint64_t id = fraction() < 0.03 ? NAMES + (number() & 0xffffffff) : (uint64_t)(pow(fraction(), 3.5) * NAMES);
  unsigned share = (unsigned)(number() % 100), port = 1024 + (unsigned)(number() % 64000);
  unsigned type = share < 42 ? 1 : share < 84 ? 28 : share < 97 ? 65 : 12;
  uint8_t *dns = query->octets + DNS_AT;
  memset(dns, 0, 12);
  put16(dns, (unsigned)number() & 0xffff);
  dns[2] = 1;
  dns[5] = dns[11] = 1;
  uint8_t *end = put_name(dns + 12, id);
  end = put16(put16(end, type), 1);
  size_t question = (size_t)(end - dns);
  end = put_opt(end);
  wrap(query, from, to, port, 53, (unsigned)(end - dns));

  uint8_t *reply = response->octets + DNS_AT;
  memcpy(reply, dns, question);
  put16(reply + 2, id % 11 == 7 ? 0x8183 : 0x8180);
  end = reply + question;
  if (id % 11 != 7 && (type == 1 || type == 28)) put16(reply + 6, put_answers(&end, id, type));
  end = put_opt(end);
  wrap(response, to, from, 53, port, (unsigned)(end - reply));
}

/* Another id, and the checksum that goes with it (RFC 1624). */
static void renew(struct frame *f) {
  uint8_t *id = f->octets + DNS_AT, *sum = f->octets + DNS_AT - 2;
  uint32_t before = (uint32_t)(id[0] << 8 | id[1]), after = (before + 0x0101) & 0xffff;
  uint32_t total = (uint16_t)~(sum[0] << 8 | sum[1]) + (uint16_t)~before + after;
  while (total >> 16) total = (total & 0xffff) + (total >> 16);
  put16(id, after);
  put16(sum, (uint16_t)~total == 0 ? 0xffff : (uint16_t)~total);
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

int main(int argc, char **argv) {
  if (argc < 4) return 2;
  double rate = atof(argv[2]), seconds = atof(argv[3]);
  size_t pairs = argc > 4 ? (size_t)atol(argv[4]) : 200000, frames = pairs * 2;
  struct frame *pool = malloc(frames * sizeof *pool), *late = malloc(pairs * sizeof *late);
  if (rate <= 0 || pairs == 0 || pool == NULL || late == NULL) return 2;
  size_t filled = 0;
  for (size_t made = 0, told = 0; told < pairs;) {
    if (made < pairs) {
      make_pair(&pool[filled++], &late[made]);
      made++;
    }
    if (made - told > LAG || made == pairs) pool[filled++] = late[told++];
  }
  free(late);

  int fd = socket(AF_PACKET, SOCK_RAW, 0), on = 1;
  struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(argv[1])};
  if (fd < 0 || bind(fd, (struct sockaddr *)&to, sizeof to) < 0) fail(argv[1]);
  if (setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof on) < 0) fail("qdisc bypass");
  struct mmsghdr messages[BATCH] = {0};
  struct iovec parts[BATCH];
  for (int i = 0; i < BATCH; i++) messages[i].msg_hdr = (struct msghdr){.msg_iov = &parts[i], .msg_iovlen = 1};

  long total = (long)(rate * seconds), sent = 0, waits = 0;
  double begin = now(), latest = 0;
  for (size_t at = 0, round = 0; sent < total;) {
    double due = begin + (double)sent / rate, time = now();
    if (time < due) {
      if (due - time > 0.0002) usleep(50);
      continue;
    }
    if (time - due > latest) latest = time - due;
    int batch = total - sent < BATCH ? (int)(total - sent) : BATCH;
    for (int i = 0; i < batch; i++) {
      if (round > 0) renew(&pool[at]);
      parts[i] = (struct iovec){.iov_base = pool[at].octets, .iov_len = pool[at].length};
      if (++at == frames) {
        at = 0;
        round++;
      }
    }
    for (int done = 0; done < batch;) {
      int n = sendmmsg(fd, messages + done, (unsigned)(batch - done), 0);
      if (n >= 0) done += n;
      else if (errno == ENOBUFS || errno == EAGAIN) waits++;
      else fail("send");
    }
    sent += batch;
  }
  double took = now() - begin;
  printf("{\"sent\":%ld,\"seconds\":%.3f,\"perS\":%.0f,\"waits\":%ld,\"latestMs\":%.1f}\n", sent, took, (double)sent / took, waits,
         latest * 1e3);
  return 0;
}
