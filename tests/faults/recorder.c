/* Records what a process does to the files of one folder, in the order in which it is done.

   Loaded before the C library (LD_PRELOAD). RECORD names the file to append to, RECORD_UNDER the
   folder, as an absolute path without links. Each entry: a head, then two texts (paths, or the bytes
   that were written). One lock is held over a deed and its entry, so that no entry overtakes
   another of the same process. What is not recorded here is found out by the test: replaying every
   entry has to give the folder as it was left. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum { WRITE = 1, CUT, FORCE, CREATE, FOLDER, RENAME, UNLINK, LINK };

struct head {
  uint32_t kind, first, second, spare;
  uint64_t node;
  int64_t at;
};

static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
static int record = -1;
static const char *under;

#define REAL(name) ((__typeof__(&name))real(#name))

static void *real(const char *name) { return dlsym(RTLD_NEXT, name); }

static void note(int kind, uint64_t node, int64_t at, const void *first, size_t size,
                 const void *second, size_t more) {
  if (record < 0) {
    record = REAL(open)(getenv("RECORD"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (record < 0) abort();
  }
  struct head head = {kind, (uint32_t)size, (uint32_t)more, 0, node, at};
  struct iovec parts[3] = {{&head, sizeof head}, {(void *)first, size}, {(void *)second, more}};
  if (REAL(writev)(record, parts, 3) != (ssize_t)(sizeof head + size + more)) abort();
}

static int is_ours(const char *path) {
  if (under == NULL) under = getenv("RECORD_UNDER");
  if (under == NULL || getenv("RECORD") == NULL) return 0;
  size_t length = strlen(under);
  return strncmp(path, under, length) == 0 && path[length] == '/';
}

static int of_descriptor(int fd, char *path) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, PATH_MAX - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return 1;
}

/* The whole path of a name in a folder that is open, or in the present one; 0 if it is not ours. */
static int whole(int folder, const char *name, char *path) {
  if (name[0] == '/') {
    snprintf(path, PATH_MAX, "%s", name);
    return is_ours(path);
  }
  char home[PATH_MAX];
  if (folder == AT_FDCWD ? getcwd(home, sizeof home) == NULL : !of_descriptor(folder, home)) return 0;
  if (snprintf(path, PATH_MAX, "%s/%s", home, name) >= PATH_MAX) return 0;
  return is_ours(path);
}

static uint64_t node_of(int fd) {
  struct stat found;
  return fstat(fd, &found) == 0 ? found.st_ino : 0;
}

static int ours(int fd) {
  char path[PATH_MAX];
  return of_descriptor(fd, path) && is_ours(path);
}

#define BEGIN int before = errno; pthread_mutex_lock(&one_at_a_time); errno = before
#define END before = errno; pthread_mutex_unlock(&one_at_a_time); errno = before
#define NOTE2(kind, a, b) note(kind, 0, 0, a, strlen(a), b, strlen(b))

static int opened(int folder, const char *name, int flags, mode_t mode) {
  char path[PATH_MAX];
  int (*go)(int, const char *, int, ...) = REAL(openat);
  if ((flags & O_ACCMODE) == O_RDONLY || !whole(folder, name, path))
    return go(folder, name, flags, mode);
  BEGIN;
  struct stat old;
  int was_there = stat(path, &old) == 0;
  int fd = go(folder, name, flags, mode);
  if (fd >= 0 && !was_there) note(CREATE, node_of(fd), 0, path, strlen(path), "", 0);
  if (fd >= 0 && was_there && (flags & O_TRUNC)) note(CUT, node_of(fd), 0, "", 0, "", 0);
  END;
  return fd;
}

#define MODE(flags, mode)                                     \
  mode_t mode = 0;                                            \
  if ((flags) & (O_CREAT | __O_TMPFILE)) {                    \
    va_list rest;                                             \
    va_start(rest, flags);                                    \
    mode = va_arg(rest, mode_t);                              \
    va_end(rest);                                             \
  }

int open(const char *name, int flags, ...) { MODE(flags, mode) return opened(AT_FDCWD, name, flags, mode); }
int open64(const char *name, int flags, ...) { MODE(flags, mode) return opened(AT_FDCWD, name, flags | O_LARGEFILE, mode); }
int openat(int at, const char *name, int flags, ...) { MODE(flags, mode) return opened(at, name, flags, mode); }
int openat64(int at, const char *name, int flags, ...) { MODE(flags, mode) return opened(at, name, flags | O_LARGEFILE, mode); }

static ssize_t written(int fd, const void *bytes, size_t size, off_t at, int is_placed) {
  if (!ours(fd)) return is_placed ? REAL(pwrite)(fd, bytes, size, at) : REAL(write)(fd, bytes, size);
  BEGIN;
  if (!is_placed) at = lseek(fd, 0, (fcntl(fd, F_GETFL) & O_APPEND) ? SEEK_END : SEEK_CUR);
  ssize_t done = is_placed ? REAL(pwrite)(fd, bytes, size, at) : REAL(write)(fd, bytes, size);
  if (done > 0) note(WRITE, node_of(fd), at, bytes, (size_t)done, "", 0);
  END;
  return done;
}

ssize_t write(int fd, const void *bytes, size_t size) { return written(fd, bytes, size, 0, 0); }
ssize_t pwrite(int fd, const void *bytes, size_t size, off_t at) { return written(fd, bytes, size, at, 1); }
ssize_t pwrite64(int fd, const void *bytes, size_t size, off_t at) { return written(fd, bytes, size, at, 1); }

ssize_t writev(int fd, const struct iovec *parts, int count) {
  if (!ours(fd)) return REAL(writev)(fd, parts, count);
  ssize_t done = 0;
  for (int part = 0; part < count; part++) {
    ssize_t more = written(fd, parts[part].iov_base, parts[part].iov_len, 0, 0);
    if (more < 0) return done ? done : -1;
    done += more;
    if ((size_t)more < parts[part].iov_len) break;
  }
  return done;
}

/* Copies within the kernel are refused, so that whoever copies falls back to writing. */
ssize_t sendfile(int out, int in, off_t *at, size_t size) {
  if (!ours(out)) return ((ssize_t (*)(int, int, off_t *, size_t))real("sendfile"))(out, in, at, size);
  errno = EINVAL;
  return -1;
}
ssize_t sendfile64(int out, int in, off_t *at, size_t size) { return sendfile(out, in, at, size); }
ssize_t copy_file_range(int in, off_t *from, int out, off_t *to, size_t size, unsigned flags) {
  if (!ours(out)) return REAL(copy_file_range)(in, from, out, to, size, flags);
  errno = ENOSYS;
  return -1;
}

static int cut(int fd, off_t size) {
  BEGIN;
  int failed = REAL(ftruncate)(fd, size);
  if (!failed && ours(fd)) note(CUT, node_of(fd), size, "", 0, "", 0);
  END;
  return failed;
}
int ftruncate(int fd, off_t size) { return cut(fd, size); }
int ftruncate64(int fd, off_t size) { return cut(fd, size); }

int truncate(const char *name, off_t size) {
  int fd = open(name, O_WRONLY);
  if (fd < 0) return -1;
  int failed = cut(fd, size);
  close(fd);
  return failed;
}
int truncate64(const char *name, off_t size) { return truncate(name, size); }

static int grown(int fd, int mode, off_t at, off_t size) {
  BEGIN;
  struct stat old;
  int failed = REAL(fallocate)(fd, mode, at, size);
  if (!failed && mode == 0 && ours(fd) && fstat(fd, &old) == 0)
    note(CUT, node_of(fd), old.st_size, "", 0, "", 0);
  END;
  return failed;
}
int fallocate(int fd, int mode, off_t at, off_t size) { return grown(fd, mode, at, size); }
int fallocate64(int fd, int mode, off_t at, off_t size) { return grown(fd, mode, at, size); }
int posix_fallocate(int fd, off_t at, off_t size) { return grown(fd, 0, at, size) ? errno : 0; }
int posix_fallocate64(int fd, off_t at, off_t size) { return grown(fd, 0, at, size) ? errno : 0; }

static int forced(int fd, int (*go)(int)) {
  if (!ours(fd)) {
    char path[PATH_MAX];
    if (!of_descriptor(fd, path) || under == NULL || strcmp(path, under) != 0) return go(fd);
  }
  BEGIN;
  int failed = go(fd);
  if (!failed) note(FORCE, node_of(fd), 0, "", 0, "", 0);
  END;
  return failed;
}
int fsync(int fd) { return forced(fd, REAL(fsync)); }
int fdatasync(int fd) { return forced(fd, REAL(fdatasync)); }

static int folder_made(int at, const char *name, mode_t mode) {
  char path[PATH_MAX];
  if (!whole(at, name, path)) return REAL(mkdirat)(at, name, mode);
  BEGIN;
  int failed = REAL(mkdirat)(at, name, mode);
  struct stat made;
  if (!failed && stat(path, &made) == 0) note(FOLDER, made.st_ino, 0, path, strlen(path), "", 0);
  END;
  return failed;
}
int mkdir(const char *name, mode_t mode) { return folder_made(AT_FDCWD, name, mode); }
int mkdirat(int at, const char *name, mode_t mode) { return folder_made(at, name, mode); }

static int moved(int from, const char *old, int to, const char *new, unsigned flags) {
  char source[PATH_MAX], target[PATH_MAX];
  int is_ours = whole(from, old, source) & whole(to, new, target);
  BEGIN;
  int failed = flags ? REAL(renameat2)(from, old, to, new, flags) : REAL(renameat)(from, old, to, new);
  if (!failed && is_ours) NOTE2(RENAME, source, target);
  END;
  return failed;
}
int rename(const char *old, const char *new) { return moved(AT_FDCWD, old, AT_FDCWD, new, 0); }
int renameat(int from, const char *old, int to, const char *new) { return moved(from, old, to, new, 0); }
int renameat2(int from, const char *old, int to, const char *new, unsigned flags) { return moved(from, old, to, new, flags); }

static int removed(int at, const char *name, int flags) {
  char path[PATH_MAX];
  int is_ours = whole(at, name, path);
  BEGIN;
  int failed = REAL(unlinkat)(at, name, flags);
  if (!failed && is_ours) NOTE2(UNLINK, path, "");
  END;
  return failed;
}
int unlink(const char *name) { return removed(AT_FDCWD, name, 0); }
int unlinkat(int at, const char *name, int flags) { return removed(at, name, flags); }
int rmdir(const char *name) { return removed(AT_FDCWD, name, AT_REMOVEDIR); }
int remove(const char *name) {
  int failed = removed(AT_FDCWD, name, 0);
  return failed && (errno == EISDIR || errno == EPERM) ? removed(AT_FDCWD, name, AT_REMOVEDIR) : failed;
}

static int linked(int from, const char *old, int to, const char *new, int flags) {
  char source[PATH_MAX], target[PATH_MAX];
  int is_ours = whole(from, old, source) & whole(to, new, target);
  BEGIN;
  int failed = REAL(linkat)(from, old, to, new, flags);
  if (!failed && is_ours) NOTE2(LINK, source, target);
  END;
  return failed;
}
int link(const char *old, const char *new) { return linked(AT_FDCWD, old, AT_FDCWD, new, 0); }
int linkat(int from, const char *old, int to, const char *new, int flags) { return linked(from, old, to, new, flags); }
