/** `address:port`, with the brackets that an IPv6 address needs there. */
export function hostPort(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
