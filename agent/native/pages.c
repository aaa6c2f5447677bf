#define _GNU_SOURCE
#include "pages.h"

#include <elf.h>
#include <errno.h>
#include <link.h>
#include <malloc.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

/* Smaller segments are not worth it; among them is the vdso, which is no file's. */
enum { WORTHWHILE = 1 << 20 };

/* Whether code of this object was relocated in place (DT_TEXTREL): then its pages are not those of the file. */
static int has_text_relocations(const struct dl_phdr_info *object) {
  for (int i = 0; i < object->dlpi_phnum; i++) {
    if (object->dlpi_phdr[i].p_type != PT_DYNAMIC) continue;
    const ElfW(Dyn) *d = (const ElfW(Dyn) *)(object->dlpi_addr + object->dlpi_phdr[i].p_vaddr);
    for (; d->d_tag != DT_NULL; d++)
      if (d->d_tag == DT_TEXTREL || (d->d_tag == DT_FLAGS && (d->d_un.d_val & DF_TEXTREL) != 0)) return 1;
  }
  return 0;
}

/* Segments that nobody may write to, hence nobody has: what is dropped of them comes back as it was. */
static int release_object(struct dl_phdr_info *object, size_t size, void *total) {
  (void)size;
  const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
  if (has_text_relocations(object)) return 0;
  for (int i = 0; i < object->dlpi_phnum; i++) {
    const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
    if (segment->p_type != PT_LOAD || (segment->p_flags & PF_W) != 0 || segment->p_filesz < WORTHWHILE) continue;
    /* Whole pages only: the last one may be shared with what is mapped behind. */
    uintptr_t first = (object->dlpi_addr + segment->p_vaddr + page - 1) & ~(page - 1);
    uintptr_t end = (object->dlpi_addr + segment->p_vaddr + segment->p_filesz) & ~(page - 1);
    if (first < end && madvise((void *)first, end - first, MADV_DONTNEED) == 0) *(int64_t *)total += end - first;
  }
  return 0;
}

/* releasePages(): octets of address space whose file pages this process let go of. */
napi_value release_pages(napi_env env, napi_callback_info info) {
  (void)info;
  int64_t total = 0;
  dl_iterate_phdr(release_object, &total);
#ifdef __GLIBC__
  malloc_trim(0);
#endif
  return integer(env, total);
}

/* A page that one entry of the middle table is enough for: of x86-64, and of arm64 with pages of 4 KiB. */
enum { LARGE_PAGE = 2 << 20 };

static void unmap_large(napi_env env, void *memory, void *length) {
  (void)env;
  munmap(memory, (size_t)(uintptr_t)length);
}

/*
 * largePages(octets): zeros of so many octets, rounded up to large pages, which the kernel is asked to use for them (madvise(2),
 * MADV_HUGEPAGE): it has them where it has memory in one piece and was not told never to. Gone with the ArrayBuffer.
 */
napi_value large_pages(napi_env env, napi_callback_info info) {
  size_t argc = 1;
  napi_value argv[1] = {NULL}, view = NULL;
  int32_t octets;
  if (napi_get_cb_info(env, info, &argc, argv, NULL, NULL) != napi_ok || !get_int(env, argv[0], &octets)) return NULL;
  if (octets <= 0 || octets > INT32_MAX - LARGE_PAGE) return integer(env, -EINVAL);
  size_t length = ((size_t)octets + LARGE_PAGE - 1) / LARGE_PAGE * LARGE_PAGE;
  /* One page more, of which what stands before and behind the aligned ones is given back. */
  char *all = mmap(NULL, length + LARGE_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (all == MAP_FAILED) return integer(env, -errno);
  size_t before = (LARGE_PAGE - (uintptr_t)all % LARGE_PAGE) % LARGE_PAGE;
  char *memory = all + before;
  if (before > 0) munmap(all, before);
  munmap(memory + length, LARGE_PAGE - before);
  madvise(memory, length, MADV_HUGEPAGE); /* refused by kernels without them: then the pages are small ones */
  if (napi_create_external_arraybuffer(env, memory, length, unmap_large, (void *)(uintptr_t)length, &view) != napi_ok) {
    munmap(memory, length);
    return integer(env, -ENOTSUP);
  }
  return view;
}
