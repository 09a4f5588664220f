import { useEffect, useRef, useState } from 'preact/hooks';
import { followOutput } from './follow-output.ts';
import { Field, Note } from './parts.tsx';
import type { Session } from './session.ts';
import { TerminalLines } from './terminal-lines.ts';
import { messageOf } from './use-polled.ts';

const rowPx = 19;
const heightPx = 26 * rowPx;
const tailLines = 1000;

/** The output of a run: the last lines first, then what arrives. Only the lines that can be seen are in the page. */
export function OutputView(props: {
  readonly session: Session;
  readonly id: string;
  readonly nodes: number;
  readonly attempts: number;
}) {
  const { session, id, nodes, attempts } = props;
  const [node, setNode] = useState(0);
  const [chosen, setAttempt] = useState<number>();
  const [isWhole, setWhole] = useState(false);
  const attempt = chosen ?? Math.max(1, attempts);
  const { lines, failure } = useOutput(session, { id, node, attempt, tail: isWhole ? undefined : tailLines });
  return (
    <section aria-labelledby="output-title">
      <div class="section-header">
        <h2 id="output-title">Output</h2>
        {nodes > 1 ? (
          <Field
            label="Node"
            value={String(node)}
            onChange={(value) => setNode(Number(value))}
            choices={upTo(0, nodes)}
          />
        ) : null}
        {attempts > 1 ? (
          <Field
            label="Attempt"
            value={String(attempt)}
            onChange={(value) => setAttempt(Number(value))}
            choices={upTo(1, attempts)}
          />
        ) : null}
        <button type="button" class="quiet" disabled={isWhole} onClick={() => setWhole(true)}>
          Show from the beginning
        </button>
      </div>
      {failure === undefined ? null : <Note tone="bad">{failure}</Note>}
      {lines.count === 0 ? <p class="empty">No output yet.</p> : <Rows lines={lines} />}
    </section>
  );
}

function upTo(first: number, count: number): readonly (readonly [string, string])[] {
  return Array.from({ length: count }, (_, index) => [String(first + index), String(first + index)] as const);
}

function Rows({ lines }: { readonly lines: TerminalLines }) {
  const box = useRef<HTMLElement>(null);
  const [top, setTop] = useState(0);
  const isAtEnd = useRef(true);
  const height = lines.count * rowPx;
  useEffect(() => {
    if (box.current !== null && isAtEnd.current) box.current.scrollTop = height;
  }, [height]);
  const onScroll = ({ currentTarget: { scrollTop, clientHeight } }: { readonly currentTarget: HTMLElement }) => {
    isAtEnd.current = scrollTop + clientHeight >= height - rowPx;
    setTop(scrollTop);
  };
  const first = Math.max(0, Math.floor(top / rowPx) - 10);
  const shown = Math.min(lines.count - first, Math.ceil(heightPx / rowPx) + 20);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section class="terminal" ref={box} onScroll={onScroll} tabIndex={0} aria-label={`Output, ${lines.count} lines`}>
      <div style={{ height: `${height}px`, paddingTop: `${first * rowPx}px` }}>
        {Array.from({ length: Math.max(0, shown) }, (_, row) => (
          <div class="line" key={first + row}>
            {lines.styled(first + row).map(({ text, style }, index) => (
              <span key={index} class={style}>
                {text}
              </span>
            ))}
          </div>
        ))}
      </div>
    </section>
  );
}

function useOutput(session: Session, output: Parameters<typeof followOutput>[1]) {
  const [lines, setLines] = useState(() => new TerminalLines());
  const [failure, setFailure] = useState<string>();
  const [, setRound] = useState(0);
  const { id, node, attempt, tail } = output;
  useEffect(() => {
    const fresh = new TerminalLines();
    const left = new AbortController();
    let isWaiting = false;
    const onText = (text: string) => {
      fresh.push(text);
      // Many pieces arrive at once: the page shows them together.
      if (isWaiting) return;
      isWaiting = true;
      requestAnimationFrame(() => {
        isWaiting = false;
        setRound((round) => round + 1);
      });
    };
    setLines(fresh);
    setFailure(undefined);
    followOutput(session, { id, node, attempt, tail }, onText, left.signal).catch((error) =>
      setFailure(messageOf(error)),
    );
    return () => left.abort();
  }, [session, id, node, attempt, tail]);
  return { lines, failure };
}
