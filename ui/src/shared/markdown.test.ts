import { expect, test } from "vitest";

import { firstSentence, markdown, plain } from "./markdown.ts";

function html(text: string): string {
  const holder = document.createElement("div");
  holder.append(markdown(text));
  return holder.innerHTML;
}

test.each([
  ["Where `path` is.\nSecond line.\n\nNext.", "<p>Where <code>path</code> is. Second line.</p><p>Next.</p>"],
  ["- one\n- two\n  goes on\n\nend", "<ul><li>one</li><li>two goes on</li></ul><p>end</p>"],
  ["1. first\n2. second", "<ol><li>first</li><li>second</li></ol>"],
  ["```yaml\na: *b*\n```", "<pre><code>a: *b*</code></pre>"],
  ["## Title\ntext", "<h4>Title</h4><p>text</p>"],
  ["**strong** and *soft* and snake_case_name and 2 * 3 * 4", "<p><strong>strong</strong> and <em>soft</em> and snake_case_name and 2 * 3 * 4</p>"],
  ["see [the page](https://example.com) and [RunOptions]", "<p>see the page and [RunOptions]</p>"],
  ["```\nnever closed", "<pre><code>never closed</code></pre>"],
  ["", ""],
])("%j", (text, expected) => expect(html(text)).toBe(expected));

test("markup of the text stays text", () => {
  expect(html("<img src=x onerror=alert(1)> `<b>` **<i>**")).toBe("<p>&lt;img src=x onerror=alert(1)&gt; <code>&lt;b&gt;</code> <strong>&lt;i&gt;</strong></p>");
  expect(html("turned \u202e around")).not.toContain("\u202e");
});

test("the first sentence stands alone", () => {
  expect(firstSentence("Where the file is. Relative paths\nstart at it.\n\nMore.")).toBe("Where the file is.");
  expect(firstSentence("A limit of 1.5 MB. Then")).toBe("A limit of 1.5 MB.");
  expect(firstSentence("no stop")).toBe("no stop");
  expect(plain("a `b` **c**")).toBe("a b c");
});
