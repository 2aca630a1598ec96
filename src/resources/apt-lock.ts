/**
 * Shell that defines `apt_lock_holder`: it prints `python3 (pid 12)` while another process has one of apt's locks, else
 * nothing. POSIX locks are listed by inode: https://man7.org/linux/man-pages/man5/proc_locks.5.html
 */
export const APT_LOCK_HOLDER = `apt_lock_holder() {
  for lock in /var/lib/dpkg/lock-frontend /var/lib/dpkg/lock /var/lib/apt/lists/lock /var/cache/apt/archives/lock; do
    inode=$(stat -c %i "$lock" 2>/dev/null) || continue
    pid=$(grep ":$inode " /proc/locks | tr -s ' ' | cut -d' ' -f5 | head -n 1)
    [ -n "$pid" ] && [ "$pid" -gt 0 ] || continue
    echo "$(cat "/proc/$pid/comm" 2>/dev/null || echo a process) (pid $pid)"
    return
  done
}`;
