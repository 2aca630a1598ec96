declare module 'asciichart' {
  interface PlotConfig {
    height?: number;
    min?: number;
    max?: number;
    format?: (value: number) => string;
  }
  const asciichart: { plot(series: number[], config?: PlotConfig): string };
  export default asciichart;
}
