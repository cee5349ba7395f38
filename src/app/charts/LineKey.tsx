interface LineSampleProps {
  readonly stroke: string;
  readonly dashes?: string;
  readonly width?: number;
}

export function LineSample({ stroke, dashes, width = 1.5 }: LineSampleProps) {
  return (
    <svg width="20" height="12" viewBox="0 0 20 12" aria-hidden="true">
      <path d="M0,6H20" stroke={stroke} strokeWidth={width} strokeDasharray={dashes} />
    </svg>
  );
}

/** A line of a legend. */
export function LineKey({ label, ...line }: LineSampleProps & { readonly label: string }) {
  return (
    <li>
      <LineSample {...line} />
      {label}
    </li>
  );
}
