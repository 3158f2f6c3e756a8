"""How mails look: rendered by Chromium, narrow and wide, light and dark; skipped where it is not
installed.

RENDER_MAILS names the program. With USHER_SCREENSHOTS=FOLDER the pictures stay there.
"""

import html
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

CHROMIUM = shutil.which("chromium")
RENDER_MAILS = os.environ["RENDER_MAILS"]
WIDTHS = (320, 480, 768, 1200)
# To invited people and, without a button, to inviters.
LINKS = ("invitation", "invitation-bare", "invitation-long", "reminder")
NOTICES = ("accepted", "declined")
LOCALES = ("de", "en", "es", "fr", "ja", "pt-BR")
# By the number that Chromium has for a color scheme.
SCHEMES = {"dark": 0, "light": 1}

# Runs in the mail: tells its frame's parent what does not fit and what cannot be read. Colors are
# compared as in WCAG 2, text by text, with the nearest background behind it.
PROBE = """<script>
const luminance = color => {
  const [r, g, b] = color.match(/[\\d.]+/g).map(Number)
    .map(v => v / 255).map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const background = element => {
  for (let e = element; e; e = e.parentElement) {
    const color = getComputedStyle(e).backgroundColor;
    if (color !== 'rgba(0, 0, 0, 0)') return color;
  }
  return 'rgb(255, 255, 255)';
};
addEventListener('load', () => {
  const found = {overflow: document.documentElement.scrollWidth - innerWidth, contrasts: [],
                 button: document.querySelector('td.button a')?.getBoundingClientRect().height,
                 height: document.documentElement.scrollHeight};
  for (const e of document.body.querySelectorAll('*')) {
    if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())) continue;
    const [a, b] = [luminance(getComputedStyle(e).color), luminance(background(e))];
    found.contrasts.push((Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05));
  }
  parent.postMessage({name: window.name, found}, '*');
});
</script>"""

# Shows mails in frames of all widths, each as high as it needs, and writes down what they tell.
PAGE = """<!DOCTYPE html><meta charset="utf-8"><meta name="color-scheme" content="light dark">
<style>body {{ margin: 0; background: #888; }} iframe {{ border: 0; margin: 8px; }}
div {{ width: 2900px; }}</style>
<script>
const all = {{}};
addEventListener('message', event => {{
  const {{name, found}} = event.data;
  document.getElementsByName(name)[0].style.height = found.height + 'px';
  all[name] = found;
  document.getElementById('found').textContent = JSON.stringify(all);
}});
</script><pre id="found" hidden></pre>{frames}"""


def frames_of(folder, name):
    mail = (folder / f"{name}.html").read_text(encoding="utf-8")
    source = html.escape(mail.replace("</body>", PROBE + "</body>"))
    return "<div>" + "".join(
        f'<iframe name="{name} {width}" width="{width}" height="600" srcdoc="{source}"></iframe>'
        for width in WIDTHS) + "</div>"


@unittest.skipUnless(CHROMIUM, "Chromium is not installed")
class MailLooksTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        scratch = tempfile.TemporaryDirectory(prefix="usher-looks-")
        cls.addClassCleanup(scratch.cleanup)
        cls.folder = pathlib.Path(scratch.name)
        subprocess.run([RENDER_MAILS, cls.folder], check=True, stdout=subprocess.DEVNULL)
        cls.pictures = pathlib.Path(os.environ.get("USHER_SCREENSHOTS", scratch.name))
        cls.pictures.mkdir(parents=True, exist_ok=True)
        cls.all = cls.page("all", LOCALES)

    @classmethod
    def page(cls, name, locales):
        mails = [path.stem for locale in locales
                 for path in sorted(cls.folder.glob(f"*.{locale}.html"))]
        page = cls.folder / f"page.{name}.html"
        frames = "".join(frames_of(cls.folder, mail) for mail in mails)
        page.write_text(PAGE.format(frames=frames), encoding="utf-8")
        return page

    def browse(self, page, scheme, *arguments):
        return subprocess.run(
            [CHROMIUM, "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
             f"--user-data-dir={self.folder / 'profile'}", "--virtual-time-budget=3000",
             f"--blink-settings=preferredColorScheme={SCHEMES[scheme]}", *arguments,
             page.as_uri()],
            check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            timeout=100).stdout

    def check_all(self, scheme):
        dom = self.browse(self.all, scheme, "--dump-dom")
        found = json.loads(html.unescape(re.search(r'<pre id="found"[^>]*>(.*?)</pre>', dom)[1]))

        self.assertEqual(len(found), len(LOCALES) * len(LINKS + NOTICES) * len(WIDTHS))
        for name, mail in found.items():
            with self.subTest(mail=name, scheme=scheme):
                self.assertLessEqual(mail["overflow"], 0, "is wider than the window")
                self.assertGreaterEqual(len(mail["contrasts"]), 8)
                self.assertGreaterEqual(min(mail["contrasts"]), 4.5)
                if name.split(".")[0] in NOTICES:
                    self.assertNotIn("button", mail)
                else:
                    self.assertGreaterEqual(mail["button"], 44, "is hard to tap")
        for locale in LOCALES if "USHER_SCREENSHOTS" in os.environ else ("ja",):
            picture = self.pictures / f"{locale}.{scheme}.png"
            self.browse(self.page(locale, [locale]), scheme, f"--screenshot={picture}",
                        "--window-size=2900,5600")
            self.assertGreater(picture.stat().st_size, 10_000)

    def test_mails_fit_and_can_be_read_in_light_windows(self):
        self.check_all("light")

    def test_mails_fit_and_can_be_read_in_dark_windows(self):
        self.check_all("dark")


if __name__ == "__main__":
    unittest.main()
