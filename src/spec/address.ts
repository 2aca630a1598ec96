import { isIPv6 } from 'node:net';

/** `address:port`, with the brackets that an IPv6 address needs there. */
export function hostPort(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** One address has one text: `FD00::0001` is `fd00::1`, as the kernel prints it. */
export function canonicalAddress(address: string): string {
  return isIPv6(address) ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address;
}
