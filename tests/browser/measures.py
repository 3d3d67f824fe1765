"""What can be measured on a page as it is shown: targets, text, what is cut or spills over, words in the wrong language.

The elder edition's figures are those of the 2021 norms for older people (MIIT, 适老化通用设计规范): main components at least 60 × 60,
main text at least 18 px and up to 30 px at the reader's choice, lines at least 1.3 times the text, paragraphs 1.3 times the lines.
Links within a sentence are no main components (WCAG 2.2, 2.5.8, leaves them out too).
"""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Page

# Shared by every measurement. The area of a radio or checkbox is its label; that of a link with an absolute ::after is its card.
TOOLS = """
const shown = each => each.checkVisibility({visibilityProperty: true}) && !each.closest('.only-spoken, svg')
  && !each.matches('.skip-link');
const named = each => each.outerHTML.replace(/\\s+/g, ' ').slice(0, 110);
const area = each => {
  if (getComputedStyle(each, '::after').position === 'absolute') {
    for (let box = each.parentElement; box; box = box.parentElement)
      if (getComputedStyle(box).position === 'relative') return box.getBoundingClientRect();
  }
  return ((each.matches('[type=radio], [type=checkbox]') && each.closest('label')) || each).getBoundingClientRect();
};
const written = each => [...each.childNodes].some(node => node.nodeType === 3 && node.data.trim());
const withinText = each => getComputedStyle(each).display === 'inline' && each.parentElement
  && each.parentElement.textContent.replace(each.textContent, '').trim() !== '';
"""

SMALL_TARGETS = """([least, links]) => {
  const targets = [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')]
    .filter(each => shown(each) && !withinText(each));
  return targets.map(each => [each, area(each), each.matches('a[href]:not(.button, .switch, .tab, .tile), .link') ? links : least])
    .filter(([, box, need]) => Math.round(box.height) < need || Math.round(box.width) < need)
    .map(([each, box, need]) => `target of ${Math.round(box.width)} × ${Math.round(box.height)} instead of ${need}: ${named(each)}`);
}"""

TEXT = """([smallest, leading]) => [...document.querySelectorAll('body *')].filter(each => shown(each) && written(each)).flatMap(each => {
  const style = getComputedStyle(each), size = parseFloat(style.fontSize), line = parseFloat(style.lineHeight);
  const found = [];
  if (size < smallest - 0.01) found.push(`text of ${size} px: ${named(each)}`);
  if (!(line / size >= leading - 0.005)) found.push(`lines of ${line} px for text of ${size} px: ${named(each)}`);
  return found;
})"""

CLOSE_PARAGRAPHS = """() => [...document.querySelectorAll('p + p')].filter(each => shown(each) && shown(each.previousElementSibling))
  .filter(each => getComputedStyle(each.parentElement).display === 'block').flatMap(each => {
    const line = parseFloat(getComputedStyle(each).lineHeight);
    const gap = each.getBoundingClientRect().top - each.previousElementSibling.getBoundingClientRect().bottom;
    return gap + line < 1.3 * line - 0.5 ? [`paragraphs ${Math.round(gap)} px apart for lines of ${line} px: ${named(each)}`] : [];
  })"""

CUT = """() => {
  const found = [], root = document.documentElement;
  const cut = each => shown(each) && !each.closest('.map'); // a map goes on beyond its edges
  if (root.scrollWidth > root.clientWidth) found.push(`scrolls sideways by ${root.scrollWidth - root.clientWidth} px`);
  for (const each of [...document.querySelectorAll('body *')].filter(cut)) {
    const style = getComputedStyle(each), box = each.getBoundingClientRect();
    if (style.display !== 'inline' && each.clientWidth && each.scrollWidth > each.clientWidth + 1)
      found.push(`wider than its box by ${each.scrollWidth - each.clientWidth} px: ${named(each)}`);
    if (style.overflowY !== 'visible' && each.clientHeight && each.scrollHeight > each.clientHeight + 1)
      found.push(`higher than its box by ${each.scrollHeight - each.clientHeight} px: ${named(each)}`);
    if (written(each) && (box.left < -1 || box.right > root.clientWidth + 1)) found.push(`reaches over the edge: ${named(each)}`);
    if (each.placeholder && !each.value) {
      each.value = each.placeholder;
      if (each.scrollWidth > each.clientWidth + 1) found.push(`its placeholder is cut: ${named(each)}`);
      each.value = '';
    }
  }
  return found;
}"""

CROWDED = """() => {
  const targets = [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')]
    .filter(each => shown(each) && getComputedStyle(each).display !== 'inline').map(each => [each, area(each)]);
  return targets.flatMap(([one, a], place) => targets.slice(place + 1)
    .filter(([, b]) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1)
    .filter(([, b]) => Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1)
    .map(([other]) => `two targets overlap: ${named(one)} and ${named(other)}`));
}"""

# Every text that someone can read or hear, with the language that the page says it is in. Title and option can hold no mark:
# names that are marked elsewhere on the page, and Chinese beside other letters, are left out of them.
SPOKEN = """() => {
  const marked = [...document.querySelectorAll('body [lang^=zh]')].map(each => each.textContent).filter(text => text);
  const title = marked.reduce((text, name) => text.replaceAll(name, ''), document.title);
  const found = [['title', document.documentElement.lang, title]];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const holder = walker.currentNode.parentElement, text = walker.currentNode.data.replace(/\\s+/g, ' ').trim();
    if (!text || holder.closest('script, style')) continue;
    const plain = holder.matches('option') && /[A-Za-z]/.test(text) ? text.replace(/[\\u3400-\\u9fff]+/g, '') : text;
    found.push([named(holder), holder.closest('[lang]').lang, plain]);
  }
  for (const each of document.querySelectorAll('body *'))
    for (const name of ['aria-label', 'placeholder', 'title', 'alt', 'data-label', 'data-stop', 'label'])
      if (each.getAttribute(name)) found.push([name, each.closest('[lang]').lang, each.getAttribute(name)]);
  return found;
}"""

# Han characters with their punctuation on an English page; two words of Latin letters or more on a Chinese one.
FOREIGN = f"""language => {{
  const wrong = language === 'en' ? /[\\u3400-\\u9fff\\u3000-\\u303f\\uff00-\\uffef]/ : /[A-Za-z]{{2,}}[ ,;:’']+[A-Za-z]{{2,}}/;
  return ({SPOKEN})().filter(([, lang, text]) => lang.slice(0, 2) === language && wrong.test(text))
    .map(([place, , text]) => `not in the page's language: ${{text.slice(0, 60)}} in ${{place}}`);
}}"""


@dataclass(frozen=True, slots=True)
class Norm:
    """What an edition promises, in CSS pixels. links: those that stand alone but look like text."""

    target: int
    links: int
    text: float
    leading: float


ELDER = Norm(60, 60, 18, 1.3)
ELDER_LARGEST = Norm(60, 60, 30, 1.3)
BY_FINGER = Norm(44, 44, 15, 1.3)
BY_MOUSE = Norm(44, 24, 15, 1.3)  # WCAG 2.2, 2.5.8


def _run(page: Page, *functions: tuple[str, object]) -> list[str]:
    """What each finds, given its argument, in one call of the browser: a call costs more than most of them."""
    called = ", ".join(f"...({function})(given[{place}])" for place, (function, _argument) in enumerate(functions))
    found: list[str] = page.evaluate(f"given => {{ {TOOLS} return [{called}]; }}", [argument for _function, argument in functions])
    return found


def legible(page: Page, norm: Norm) -> list[str]:
    """What a reader of this edition would miss or not hit: small or overlapping targets, small or crowded text, text that is cut."""
    sizes = (SMALL_TARGETS, [norm.target, norm.links]), (TEXT, [norm.text, norm.leading])
    return _run(page, *sizes, (CLOSE_PARAGRAPHS, None), (CUT, None), (CROWDED, None))


def untranslated(page: Page, language: str) -> list[str]:
    """Words that are not in the page's language and don't say that they are in another (lang=…)."""
    return _run(page, (FOREIGN, language))
