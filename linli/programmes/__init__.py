"""Programmes (惠民政策事项): one promise of the city each, declared as data, versioned, linted, published.

    from linli.programmes import catalogue, load_programme

    city = catalogue(Path("cities/yuncheng"))
    city.newest("disabled-student-aid").words("zh")

Nothing here needs a database except models, acts, queries and what they import.
"""

from linli.programmes.catalogue import Catalogue, City, catalogue, load_city
from linli.programmes.declaration import Programme
from linli.programmes.files import load_programme, parse_programme

__all__ = ["Catalogue", "City", "Programme", "catalogue", "load_city", "load_programme", "parse_programme"]
