/** Sets the clock of this process ahead or behind, as one sees it through `Date`. */
export function shiftClock(offsetMs: number): void {
  if (offsetMs === 0) return;
  const now = () => RealDate.now() + offsetMs;
  const RealDate = Date;
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, args, newTarget) => Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
    apply: () => new RealDate(now()).toString(),
    get: (target, property, receiver) => (property === 'now' ? now : Reflect.get(target, property, receiver)),
  });
}
