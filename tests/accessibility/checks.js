// What axe does not look for. Everything is looked at through shadow roots, as it is on the screen at this moment.
(() => {
  const REFERENCES = ["for", "form", "list", "headers", "aria-labelledby", "aria-describedby", "aria-controls",
    "aria-owns", "aria-details", "aria-errormessage", "aria-flowto", "aria-activedescendant"];
  const PRESSED = "a[href], button, textarea, select, summary, input:not([type=hidden])";
  const SLACK = 1;

  const element = document.querySelector("aurevoir-flow");
  const root = element?.shadowRoot?.querySelector("[part=frame]") ?? document.body;
  const home = root.getRootNode();
  const all = [root, ...root.querySelectorAll("*")];

  const up = (node) => node.parentElement ?? node.getRootNode().host ?? null;
  const name = (node) => {
    const kind = node.getAttribute("part") || node.getAttribute("name") || node.className || "";
    return `${node.localName}.${kind} “${(node.value || node.textContent).trim().replace(/\s+/g, " ").slice(0, 40)}”`;
  };
  const closest = (node, test) => {
    for (let at = node; at; at = up(at)) if (test(at)) return at;
    return null;
  };
  const style = (node) => getComputedStyle(node);
  // For those who see: neither hidden nor cut to nothing, as what only screen readers are told is.
  const isShown = (node) => node.checkVisibility({ visibilityProperty: true, opacityProperty: false })
    && node.getBoundingClientRect().width > 2 && !closest(node, (at) => style(at).clipPath !== "none");

  // The part of a box that is in sight: what its scrolling ancestors leave of it.
  function inSight(node) {
    let { left, top, right, bottom } = node.getBoundingClientRect();
    for (let at = up(node); at && at !== document.documentElement; at = up(at)) {
      if (/auto|scroll|hidden|clip/.test(style(at).overflowY)) {
        const frame = at.getBoundingClientRect();
        [left, top] = [Math.max(left, frame.left), Math.max(top, frame.top)];
        [right, bottom] = [Math.min(right, frame.right), Math.min(bottom, frame.bottom)];
      }
    }
    return { left, top, right, bottom };
  }

  const texts = () => {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    const found = [];
    while (walker.nextNode()) {
      const { data, parentElement } = walker.currentNode;
      if (data.trim() && isShown(parentElement) && parentElement.localName !== "textarea") found.push(walker.currentNode);
    }
    return found;
  };

  function references() {
    const dangling = [];
    for (const node of all) {
      for (const attribute of REFERENCES) {
        const ids = (node.getAttribute(attribute) ?? "").split(/\s+/).filter(Boolean);
        for (const id of ids) if (!home.getElementById(id)) dangling.push(`${attribute}=${id} leads nowhere`);
      }
      const link = node.localName === "a" ? node.getAttribute("href") : null;
      if (link?.startsWith("#") && !home.getElementById(decodeURIComponent(link.slice(1)))) {
        dangling.push(`the link ${link} leads nowhere`);
      }
    }
    const ids = all.map(({ id }) => id).filter(Boolean);
    return [...dangling, ...ids.filter((id, at) => ids.indexOf(id) !== at).map((id) => `the id ${id} stands twice`)];
  }

  function languages({ locale, english }) {
    const outermost = element ? root : document.documentElement;
    const wrong = outermost.lang === locale ? [] : [`the language is “${outermost.lang}”, not ${locale}`];
    const [ARABIC, RTL] = [/[\u0600-\u06ff]/, /^(ar|fa|he|ur)\b/];
    for (const { data, parentElement } of texts()) {
      const lang = closest(parentElement, (at) => at.lang)?.lang ?? "";
      const words = data.trim();
      const direction = style(parentElement).direction;
      if (ARABIC.test(words) && !RTL.test(lang)) wrong.push(`Arabic script in ${lang}: ${words.slice(0, 40)}`);
      if (!lang.startsWith("en") && english.includes(words)) wrong.push(`English in ${lang}: ${words.slice(0, 40)}`);
      // A name or a number may stand for itself.
      const apart = closest(parentElement, (at) => at.dir || at.localName === "bdi");
      const isApart = (apart.localName === "bdi" || apart.dir === "auto") && !ARABIC.test(words);
      const expected = RTL.test(lang) && !isApart ? "rtl" : "ltr";
      if (direction !== expected) wrong.push(`${lang} from ${direction}: ${words.slice(0, 40)}`);
    }
    return wrong;
  }

  function headings() {
    const main = [...root.querySelectorAll(element ? "h1, h2" : "h1")].filter(isShown);
    const outside = main.filter((one) => !one.closest("[part=problems], .problems"));
    const wrong = outside.length === 1 ? [] : [`${outside.length} main headings`];
    if (!element && !document.title.trim()) wrong.push("the page has no title");
    if (element && root.getAttribute("aria-labelledby") !== outside[0]?.id) wrong.push("the heading is not its name");
    return wrong;
  }

  // Where reading begins: at the heading, or at what is wrong.
  function focus() {
    const at = element ? home.activeElement : document.activeElement;
    if (!element) return root.querySelector(".problems") && !at.matches(".problems") ? ["the problems have no focus"] : [];
    const expected = at?.matches("h2, [part=problems]");
    return expected ? [] : [`the focus is on ${at ? name(at) : "nothing"}`];
  }

  function clipped() {
    const [wide, wrong] = [innerWidth, []];
    const scrolling = document.scrollingElement;
    if (scrolling.scrollWidth > wide + SLACK) wrong.push(`the page is ${scrolling.scrollWidth} px wide`);
    for (const node of all.filter(isShown)) {
      const box = node.getBoundingClientRect();
      if (box.left < -SLACK || box.right > wide + SLACK) wrong.push(`out of the window: ${name(node)}`);
      const { overflowX, overflowY, display } = style(node);
      if (display === "inline" || node.localName === "input") continue;
      if (overflowX !== "visible" && node.scrollWidth > node.clientWidth + SLACK) wrong.push(`cut off: ${name(node)}`);
      const cuts = /hidden|clip/.test(overflowY) && node.scrollHeight > node.clientHeight + SLACK;
      if (cuts) wrong.push(`cut off below: ${name(node)}`);
    }
    for (const text of texts()) {
      const range = document.createRange();
      range.selectNodeContents(text);
      const words = range.getBoundingClientRect();
      const box = closest(text.parentElement, (at) => style(at).display !== "inline").getBoundingClientRect();
      // A line is lower than the tallest letters that a font could have.
      const below = words.bottom - box.bottom - parseFloat(style(text.parentElement).fontSize) / 4;
      const beyond = Math.max(box.left - words.left, words.right - box.right, below);
      if (beyond > SLACK) wrong.push(`runs out of its box by ${beyond.toFixed()} px: ${name(text.parentElement)}`);
    }
    return wrong;
  }

  const target = (node) => (node.matches("input") ? (node.closest("label") ?? node) : node);
  const isStuck = (node) => Boolean(closest(node, (at) => /sticky|fixed/.test(style(at).position) && at !== root));

  function overlaps() {
    const pressed = [...new Set([...root.querySelectorAll(PRESSED)].filter(isShown).map(target))];
    const boxes = pressed.map((node) => [node, inSight(node), isStuck(node)]);
    const wrong = [];
    for (const [at, [one, a, aStuck]] of boxes.entries()) {
      for (const [other, b, bStuck] of boxes.slice(at + 1)) {
        if (one.contains(other) || other.contains(one) || aStuck !== bStuck) continue;
        const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
        const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        if (width > SLACK && height > SLACK) wrong.push(`${name(one)} lies over ${name(other)}`);
      }
    }
    return wrong;
  }

  function targets() {
    const small = [...root.querySelectorAll(PRESSED)].filter(isShown).map(target).filter((node) => {
      const { width, height } = node.getBoundingClientRect();
      return Math.min(width, height) < 44 - .5;
    });
    return small.map((node) => `smaller than 44 px: ${name(node)}`);
  }

  // Red, green, blue and alpha of any colour that CSS can say.
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  function channels(colour) {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  }
  function luminance(colour) {
    const [red, green, blue] = channels(colour).map((one) => one / 255)
      .map((one) => (one <= .04045 ? one / 12.92 : ((one + .055) / 1.055) ** 2.4));
    return .2126 * red + .7152 * green + .0722 * blue;
  }
  function ratio(one, other) {
    const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (high + .05) / (low + .05);
  }
  // What a page that paints nothing is painted on, in its colour scheme.
  const paper = () => {
    const sheet = document.body.appendChild(document.createElement("i"));
    sheet.style.backgroundColor = "Canvas";
    const colour = style(sheet).backgroundColor;
    sheet.remove();
    return colour;
  };
  const behind = (node) => {
    const painted = closest(node, (at) => channels(style(at).backgroundColor)[3] === 255);
    return painted ? style(painted).backgroundColor : paper();
  };

  // Axe leaves out what is scrolled under the bar of buttons. In forced colours the colours are the reader's own.
  function contrast() {
    if (matchMedia("(forced-colors: active)").matches) return [];
    const wrong = [];
    const check = (node, colour, least, what) => {
      const found = ratio(colour, behind(node));
      if (found < least) wrong.push(`${what} at ${found.toFixed(2)}:1: ${name(node)}`);
    };
    for (const { parentElement: node } of texts()) {
      const { color, fontSize, fontWeight } = style(node);
      const isLarge = parseFloat(fontSize) >= 24 || (parseFloat(fontSize) >= 18.66 && fontWeight >= 700);
      check(node, color, isLarge ? 3 : 4.5, "text");
    }
    for (const node of root.querySelectorAll("textarea, input.line, [part=point], .point")) {
      if (isShown(node)) check(up(node), style(node).borderTopColor, 3, "border");
    }
    return wrong;
  }

  // What has the focus now: whether it can be seen, and what lies over it.
  function focused() {
    let at = document.activeElement;
    while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
    if (!at || at === document.body || !root.contains(at)) return null;
    const shown = target(at);
    const rings = [style(at), style(shown)].some((css) => css.outlineStyle !== "none" && parseFloat(css.outlineWidth) >= 2);
    const box = at.getBoundingClientRect();
    const bar = root.querySelector("[part=actions] > [part=buttons], .actions > .buttons");
    const stuck = bar && isStuck(bar) && !bar.contains(at) ? bar.getBoundingClientRect() : null;
    const seen = inSight(at);
    const covered = stuck && stuck.top < box.bottom && stuck.bottom > box.top;
    const out = seen.bottom - seen.top < Math.min(box.height, 20) || box.top > innerHeight || box.bottom < 0;
    return { name: name(at), role: at.localName, value: at.value ?? "", part: at.getAttribute("part") ?? at.className,
      text: (at.getAttribute("aria-label") ?? at.labels?.[0]?.textContent ?? at.textContent).trim(),
      rings, covered: Boolean(covered), out };
  }

  window.checks = {
    focused,
    run: (given) => ({ references: references(), languages: languages(given), headings: headings(), focus: focus(),
      clipped: clipped(), overlaps: overlaps(), targets: targets(), contrast: contrast() }),
  };
})();
