/** Three hosts, as short as a spec can be; `extra` is appended. */
export function specText(extra = ''): string {
  return `cluster: orders
hosts:
  - { name: pg1, address: 10.20.0.11 }
  - { name: pg2, address: 10.20.0.12 }
  - { name: pg3, address: 10.20.0.13 }
${extra}`;
}
