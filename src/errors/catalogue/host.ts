import type { CatalogueEntry } from './entry.ts';

export const HOST_ERRORS = {
  PGS_HOST_UNREACHABLE: {
    exit: 'unreachable',
    title: 'A host does not answer on its SSH port.',
    why: 'The address is wrong, the host is down, sshd is not running, or a firewall drops the connection.',
    fix: 'Try `ssh -p PORT USER@ADDRESS true` from this machine, then `pgscale check`.',
  },
  PGS_HOST_AUTH: {
    exit: 'unreachable',
    title: 'A host refused the SSH login.',
    why: 'None of the offered keys is in the authorized_keys file of that user, or the user does not exist.',
    fix: 'Set `ssh.user` and `ssh.identityFile` in the spec to a login that works with `ssh -i KEY USER@ADDRESS`.',
  },
  PGS_HOST_KEY_CHANGED: {
    exit: 'unreachable',
    title: 'The host key differs from the one in known_hosts.',
    why: 'The machine was installed again, the address now belongs to another machine, or somebody sits in between.',
    fix: 'Find out which. If the change is right, remove the old line with `ssh-keygen -R ADDRESS` and run again with --accept-new.',
  },
  PGS_HOST_KEY_UNKNOWN: {
    exit: 'unreachable',
    title: 'The host key is not in known_hosts.',
    why: 'pgscale verifies host keys and never accepts an unknown one without being told to.',
    fix: 'Compare the fingerprint with the console of the host, then run again with --accept-new.',
  },
  PGS_HOST_SUDO: {
    exit: 'checkFailed',
    title: 'The login user may not become root without a password.',
    why: 'pgscale changes system files and needs root, by `sudo -n` or by logging in as root.',
    fix: 'Add `USER ALL=(ALL) NOPASSWD: ALL` to /etc/sudoers.d/pgscale on that host, or set `ssh.user: root`.',
  },
  PGS_REMOTE_COMMAND: {
    exit: 'unexpected',
    title: 'A command on a host failed.',
    why: 'The message has the command, its exit status and the last lines that it printed.',
    fix: 'Solve what the lines name and run the same pgscale command again: it goes on where it stopped.',
  },
  PGS_REMOTE_DEADLINE: {
    exit: 'unexpected',
    title: 'A command on a host did not end before its deadline.',
    why: 'The host is overloaded, its disk hangs, or the command waits for something that never comes.',
    fix: 'Look at the host (`pgscale exec`, `journalctl -e`), then run the same pgscale command again.',
  },
  PGS_REMOTE_ANSWER: {
    exit: 'unexpected',
    title: 'A host answered something that pgscale does not understand.',
    why: 'A program on the host has another version or another output format than expected.',
    fix: 'Run `pgscale check`, and report the answer that the message shows.',
  },
  PGS_JOB_FAILED: {
    exit: 'unexpected',
    title: 'A long job on a host failed.',
    why: 'The message has the last lines of its log; all of it is in /var/log/pgscale/jobs on that host.',
    fix: 'Solve what the lines name and run the same pgscale command again.',
  },
  PGS_JOB_LOST: {
    exit: 'unexpected',
    title: 'A long job on a host is gone, and nobody knows how it ended.',
    why: 'The host was started again meanwhile, or somebody stopped the unit.',
    fix: 'Run the same pgscale command again: it starts the job anew if that is still needed.',
  },
} as const satisfies Record<string, CatalogueEntry>;
