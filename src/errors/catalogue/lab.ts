import type { CatalogueEntry } from './entry.ts';

export const LAB_ERRORS = {
  PGS_LAB_UNSUPPORTED: {
    exit: 'checkFailed',
    title: 'This machine cannot run the lab.',
    why: 'The lab boots real Debian hosts in Linux namespaces; that needs Linux, root and some free disk and memory.',
    fix: 'Run it as root on a Linux machine, with room on the disk that the message names.',
  },
  PGS_LAB_TOOLS: {
    exit: 'checkFailed',
    title: 'A program that the lab needs is missing and could not be installed.',
    why: 'The lab is built with mmdebstrap, systemd-nspawn, ip, nft and OpenSSH, which it installs with apt-get.',
    fix: 'Install what the message names with the package manager of this machine, then run `pgscale lab up` again.',
  },
  PGS_LAB_MIRROR: {
    exit: 'checkFailed',
    title: 'No Debian mirror is known for the hosts of the lab.',
    why: 'The lab uses the mirror that apt on this machine uses, and found none there that has Debian.',
    fix: 'Name one: `PGSCALE_LAB_MIRROR=http://MIRROR/debian pgscale lab up`.',
  },
  PGS_LAB_IMAGE: {
    exit: 'unexpected',
    title: 'The base image of the hosts could not be built.',
    why: 'mmdebstrap failed; the message has its last lines. Often the mirror cannot be reached or the disk is full.',
    fix: 'Solve what the lines name and run `pgscale lab up` again: a half-built image is never used.',
  },
  PGS_LAB_SUBNET: {
    exit: 'checkFailed',
    title: 'The network of the lab is in use or not a private /24.',
    why: 'A lab has a /24 of its own, which must not overlap a network that this machine has a route to.',
    fix: 'Choose another: `pgscale lab up --subnet 10.77.5.0/24`, or end a lab with `pgscale lab down`.',
  },
  PGS_LAB_NAME: {
    exit: 'usage',
    title: 'A name for a lab or a host is not usable.',
    why: 'The names become network interfaces and DNS names: a lab has at most 11 lower-case letters, digits and dashes.',
    fix: 'Choose names such as `--name lab` and `--names pg1,pg2,pg3`.',
  },
  PGS_LAB_EXISTS: {
    exit: 'checkFailed',
    title: 'There is something of a lab of that name already, and it is not what was asked for.',
    why: 'A lab with other hosts is running under this name, or an earlier `lab up` was interrupted.',
    fix: 'End it with `pgscale lab down --name NAME`, or choose another name.',
  },
  PGS_LAB_BUSY: {
    exit: 'locked',
    title: 'Another process is starting or ending the same lab.',
    why: 'Only one change of a lab is made at a time; the message names the process.',
    fix: 'Wait until it has ended, then run the command again.',
  },
  PGS_LAB_UNKNOWN: {
    exit: 'usage',
    title: 'There is no lab, or no host in the lab, of that name.',
    why: 'The name is mistyped, or the lab was never started or has ended.',
    fix: 'See `pgscale lab status --all`, or start one with `pgscale lab up`.',
  },
  PGS_LAB_BROKEN: {
    exit: 'unexpected',
    title: 'The files of a lab are damaged.',
    why: 'lab.json was changed by hand or written by another version of pgscale.',
    fix: 'End the lab with `pgscale lab down --name NAME` (it works without that file), then start it again.',
  },
  PGS_LAB_BOOT: {
    exit: 'unexpected',
    title: 'A host of the lab did not boot.',
    why: 'systemd-nspawn ended, or sshd did not answer in time; the message has the last lines of the console.',
    fix: 'Look at the console log that the message names, then `pgscale lab down` and `pgscale lab up`.',
  },
  PGS_LAB_STORE: {
    exit: 'unexpected',
    title: 'The object store of the lab did not start.',
    why: 'Its process ended or did not answer in time; the message has the last lines of its log.',
    fix: 'Look at the log that the message names, then `pgscale lab store start`.',
  },
  PGS_LAB_HOST_DOWN: {
    exit: 'checkFailed',
    title: 'A host of the lab is not running.',
    why: 'It was killed, or it shut itself down.',
    fix: 'Boot it with `pgscale lab start HOST`.',
  },
  PGS_LAB_LEFTOVER: {
    exit: 'unexpected',
    title: 'Something of the lab could not be removed.',
    why: 'A mount or a control group is still in use, most often by a shell that stands in a folder of the lab.',
    fix: 'Leave those folders and run `pgscale lab down` again: it goes on where it stopped.',
  },
} as const satisfies Record<string, CatalogueEntry>;
