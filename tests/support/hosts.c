/*
 * The namespace: a file is mounted over /etc/hosts. Where there is no such file nothing can be
 * mounted over it, so the whole folder is replaced by one in memory that leads to the real one's
 * entries.
 *
 * An ordinary user needs a user namespace for this. The user stays who it was there, and the rights
 * that come with the namespace are given away again, so that what is forbidden stays forbidden.
 */
#include "support/hosts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char usual[] = "127.0.0.1\tlocalhost\n"
                            "::1\tlocalhost ip6-localhost ip6-loopback\n"
                            "ff02::1\tip6-allnodes\n"
                            "ff02::2\tip6-allrouters\n";
static char reason[160];

bool hosts_know(const char *address)
{
    static const char blank[] = " \t\r\n";
    char line[1024];
    bool known = false;
    FILE *file = fopen("/etc/hosts", "re");
    while (file && !known && fgets(line, sizeof line, file)) {
        line[strcspn(line, "#")] = '\0';
        char *rest, *word = strtok_r(line, blank, &rest);
        if (!word || strcmp(word, address) != 0)
            continue;
        while (!known && (word = strtok_r(NULL, blank, &rest)) != NULL)
            known = strcmp(word, "localhost") == 0;
    }
    if (file)
        (void)fclose(file);
    return known;
}

static bool write_file(const char *path, int flags, const char *text)
{
    int file = open(path, flags | O_WRONLY | O_CLOEXEC, 0644);
    if (file < 0)
        return false;
    bool written = write(file, text, strlen(text)) == (ssize_t)strlen(text);
    (void)close(file);
    return written;
}

static bool map_one(const char *path, unsigned id)
{
    char row[32];
    snprintf(row, sizeof row, "%u %u 1", id, id);
    return write_file(path, 0, row);
}

static int open_folder(const char *path)
{
    return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* Out of a chroot, whose root no longer holds who stands outside of it, up to where nothing is
 * above. */
static bool step_outside(const char *inside)
{
    struct stat here, above;
    if (chdir("/") != 0 || chroot(inside) != 0)
        return false;
    do {
        if (stat(".", &here) != 0 || chdir("..") != 0 || stat(".", &above) != 0)
            return false;
    } while (here.st_ino != above.st_ino || here.st_dev != above.st_dev);
    return chroot(".") == 0;
}

/* What is mounted from here on is seen by nobody outside. In a chroot "/" is no mount that this
 * could be said of: it is said of the one around it, and then the process goes back to where it
 * was. */
static bool make_private(const char *folder)
{
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0)
        return true;
    int root = open_folder("/"), place = open_folder(".");
    bool good = root >= 0 && place >= 0 && step_outside(folder) &&
                mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
    good = fchdir(root) == 0 && chroot(".") == 0 && fchdir(place) == 0 && good;
    (void)close(root);
    (void)close(place);
    return good;
}

static bool enter_namespace(const char *folder)
{
    unsigned user = geteuid(), group = getegid();
    if (unshare(user == 0 ? CLONE_NEWNS : CLONE_NEWUSER | CLONE_NEWNS) != 0)
        return false;
    if (user != 0 &&
        (!write_file("/proc/self/setgroups", 0, "deny") || !map_one("/proc/self/uid_map", user) ||
         !map_one("/proc/self/gid_map", group)))
        return false;
    return make_private(folder);
}

/* One entry of the folder in memory. A link says the same in both, everything else is linked to. */
static bool lead_to(const char *folder, const char *name)
{
    char here[PATH_MAX], there[PATH_MAX], text[PATH_MAX];
    snprintf(here, sizeof here, "%s/%s", folder, name);
    snprintf(there, sizeof there, "/etc/%s", name);
    ssize_t size = readlink(there, text, sizeof text - 1);
    if (size < 0)
        snprintf(text, sizeof text, "/etc/.etc/%s", name);
    else
        text[size] = '\0';
    return symlink(text, here) == 0;
}

static bool replace_folder(const char *folder)
{
    char inner[PATH_MAX];
    snprintf(inner, sizeof inner, "%s/.etc", folder);
    DIR *etc = opendir("/etc");
    bool good =
        etc && mkdir(inner, 0755) == 0 && mount("/etc", inner, NULL, MS_BIND | MS_REC, NULL) == 0;
    for (struct dirent *entry; good && (entry = readdir(etc)) != NULL;) {
        const char *name = entry->d_name;
        if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0 && strcmp(name, "hosts") != 0)
            good = lead_to(folder, name);
    }
    if (etc)
        (void)closedir(etc);
    return good && mount(folder, "/etc", NULL, MS_MOVE, NULL) == 0;
}

/* The folder is a place in memory. */
static bool put_into_place(const char *folder)
{
    char file[PATH_MAX];
    snprintf(file, sizeof file, "%s/hosts", folder);
    if (mount("hosts", folder, "tmpfs", 0, "mode=755,size=1m") != 0 ||
        !write_file(file, O_CREAT | O_EXCL, usual))
        return false;
    if (access("/etc/hosts", F_OK) != 0)
        return replace_folder(folder);
    return mount(file, "/etc/hosts", NULL, MS_BIND, NULL) == 0 && umount2(folder, MNT_DETACH) == 0;
}

/* The user namespace gave all rights over it, which could do more than this user may. */
static bool give_rights_away(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[2] = {{0, 0, 0}};
    return geteuid() == 0 || syscall(SYS_capset, &header, none) == 0;
}

const char *hosts_bring(void)
{
    char folder[] = "/tmp/sennit-hosts-XXXXXX";
    const char *what = NULL;
    if (!mkdtemp(folder))
        what = "a folder in /tmp";
    else if (!enter_namespace(folder))
        what = "a mount namespace";
    else if (!put_into_place(folder))
        what = "a mount";
    else if (!give_rights_away())
        what = "capset";
    int failure = errno;
    (void)rmdir(folder);
    if (!what)
        return NULL;
    snprintf(reason, sizeof reason, "no localhost in /etc/hosts, and no file of our own: %s: %s",
             what, strerror(failure));
    return reason;
}
