// Which lines of a long list are on the screen. Lines are of one height; of any number of them only
// those in sight are drawn.

import { fitting, lastTop, reveal, ROW_HEIGHT, scrollOf, scrollTopOf, topOf } from "./geometry.ts";

/** Lines drawn above and below what is in sight. */
const MARGIN = 3;

export class Viewport {
  /** The element that scrolls. */
  scroller: HTMLElement | undefined = $state.raw();
  width = $state(0);
  height = $state(0);
  scrollTop = $state(0);
  scrollLeft = $state(0);
  /** First line in sight, with a fraction. */
  top = $state(0);
  readonly #rows: () => number;
  readonly scroll = $derived.by(() => scrollOf(this.#rows()));
  readonly first = $derived.by(() => Math.max(0, Math.floor(this.top) - MARGIN));
  readonly last = $derived.by(() => Math.min(this.#rows(), Math.ceil(this.top + fitting(this.height)) + MARGIN));
  /** Where the line `first` is drawn, in pixels from the start of the canvas. */
  readonly layer = $derived.by(() => (this.scroll.scaled ? this.scrollTop - (this.top - this.first) * ROW_HEIGHT : this.first * ROW_HEIGHT));

  constructor(rows: () => number) {
    this.#rows = rows;
  }

  /** Lines that fit, at least one. */
  get page(): number {
    return Math.max(1, Math.floor(fitting(this.height)) - 1);
  }

  /** First and last line that can be read, from 1. */
  get sight(): [number, number] {
    return [Math.floor(this.top) + 1, Math.min(this.#rows(), Math.ceil(this.top + fitting(this.height)))];
  }

  readonly moved = (): void => {
    if (!this.scroller) return;
    this.scrollLeft = this.scroller.scrollLeft;
    // A position that was set here is not read back: it may have been rounded by many lines.
    if (this.scroll.scaled && Math.abs(this.scroller.scrollTop - this.scrollTop) < 1) return;
    this.scrollTop = this.scroller.scrollTop;
    this.top = topOf(this.scrollTop, this.#rows(), this.height);
  };

  moveTo(next: number): void {
    if (!this.scroller) return;
    const rows = this.#rows();
    this.top = Math.max(0, Math.min(next, lastTop(rows, this.height)));
    this.scrollTop = scrollTopOf(this.top, rows, this.height);
    this.scroller.scrollTop = this.scrollTop;
    if (this.scroll.scaled) this.scrollTop = this.scroller.scrollTop;
  }

  /** Where a pixel of the bar stands for several lines, a wheel still goes line by line. */
  readonly wheel = (event: WheelEvent): void => {
    if (!this.scroll.scaled || event.ctrlKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) return;
    event.preventDefault();
    this.moveTo(this.top + event.deltaY / (event.deltaMode === 0 ? ROW_HEIGHT : 1));
  };

  reveal(row: number): void {
    const wanted = reveal(row, this.top, this.#rows(), this.height);
    if (wanted !== this.top) this.moveTo(wanted);
  }

  /** Keeps the position when there are fewer or more lines than before. */
  settle(): void {
    const greatest = lastTop(this.#rows(), this.height);
    if (this.top > greatest) this.moveTo(greatest);
    else if (this.scroll.scaled) this.moveTo(this.top);
  }
}
