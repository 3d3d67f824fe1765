"""The site's settings with one bare page more, the measure of what any page costs."""

from linli.site.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.hello_urls"
