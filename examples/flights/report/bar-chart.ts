// Horizontal bars as SVG: labels left, values at the end of the bars.
export interface Bar {
  readonly label: string;
  readonly value: number;
  readonly text: string;
}

export interface BarChartOptions {
  readonly color: string;
  /** Of the whole chart, in pixels at full size. */
  readonly width: number;
}

const rowHeight = 26;
const labelWidth = 200;
const valueWidth = 70;

export function barChart(title: string, bars: readonly Bar[], { color, width: chartWidth }: BarChartOptions): string {
  const barWidth = chartWidth - labelWidth - valueWidth;
  const largest = Math.max(...bars.map((bar) => bar.value), 1e-9);
  const height = bars.length * rowHeight + 8;
  const rows = bars.map((bar, index) => {
    const y = index * rowHeight + 4;
    const width = Math.max(1, (bar.value / largest) * barWidth);
    return `<text x="${labelWidth - 10}" y="${y + 16}" text-anchor="end">${escapeXml(bar.label)}</text>
      <rect x="${labelWidth}" y="${y + 3}" width="${width.toFixed(1)}" height="${rowHeight - 8}" rx="3" fill="${color}"/>
      <text x="${(labelWidth + width + 8).toFixed(1)}" y="${y + 16}" class="value">${escapeXml(bar.text)}</text>`;
  });
  return `<svg viewBox="0 0 ${chartWidth} ${height}" role="img" aria-label="${escapeXml(title)}">${rows.join("")}</svg>`;
}

export function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
