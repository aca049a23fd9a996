"""What a lead is like behind what it says. Outcomes follow from these, and only from these; nothing plants a figure."""

from dataclasses import dataclass
from random import Random

# source, its share, and how much better or worse its leads are than the usual one
SOURCES = (
    ("website", 0.30, 0.00),
    ("search_ads", 0.25, -0.08),
    ("email", 0.18, -0.04),
    ("webinar", 0.15, 0.06),
    ("referral", 0.12, 0.16),
)
CHANNEL_SOURCES = (("partner", 0.6, 0.05), ("fair", 0.4, 0.0))
CAMPAIGN_OF = {
    "webinar": "downtime-webinar",
    "fair": "autumn-fair",
    "search_ads": "search-planning",
    "email": "reader-series",
    "partner": "partner-days",
}
INDUSTRIES = ("Manufacturing", "Logistics", "Healthcare", "Retail", "Technology", "Energy")
OTHER_INDUSTRIES = ("Education", "Hospitality", "Agriculture", "Government")
# persona, departments, titles
PERSONAS = (
    ("operations_lead", ("Operations", "Production", "Maintenance"), "Head of operations"),
    ("finance_lead", ("Finance", "Procurement"), "Controller"),
    ("technical_evaluator", ("IT", "Engineering"), "Systems engineer"),
    ("general_manager", ("Management",), "Managing director"),
)
SENIORITIES = ("Staff", "Specialist", "Manager", "Head", "Director", "C-level")
FIRST = (
    "Astrid", "Jonas", "Marta", "Pavel", "Ingrid", "Luca", "Mei", "Rahman", "Dewi", "Olga", "Henrik", "Nadia",
    "Tomás", "Yusuf", "Clara", "Viktor", "Siti", "Emil", "Anya", "Ricardo", "Hana", "Oskar", "Leila", "Mateo",
)  # fmt: skip
LAST = (
    "Aasen", "Brandt", "Chandra", "Dumont", "Ekström", "Ferrari", "Gupta", "Hansen", "Ivanova", "Jensen", "Kovács",
    "Larsen", "Moreau", "Nilsen", "Okafor", "Petrov", "Quispe", "Rossi", "Suzuki", "Tan", "Ueda", "Virtanen",
    "Wibowo", "Zhang",
)  # fmt: skip
STEMS = (
    "Nordhav", "Bergtekk", "Casa Verde", "Delta Metall", "Elvebakk", "Fjordline", "Grupo Sol", "Havnelogistikk",
    "Isar Pumpen", "Jurong Parts", "Kinabalu Foods", "Lumen Glass", "Mare Shipping", "Nova Cement", "Orient Textile",
    "Polar Fish", "Quarz Optik", "Rio Packaging", "Sierra Motors", "Taman Medika", "Ultra Seals", "Vega Plast",
)  # fmt: skip
FORMS = ("AS", "GmbH", "SL", "Pte Ltd", "AB", "Tbk", "Oy", "SA")
COUNTRIES = {
    "north": ("Norway", "Sweden", "Germany"),
    "south": ("Spain", "Italy"),
    "singapore": ("Singapore", "Taiwan", "Indonesia"),
}


@dataclass(frozen=True, slots=True)
class Traits:
    """One lead: who it is, and from 0 to 1 what it truly has. `warmth` is how much it shows of itself."""

    context: str
    team: str
    name: str
    company: str
    email: str
    title: str
    seniority: str
    department: str
    industry: str
    employees: int
    revenue: int
    country: str
    source: str
    campaign: str | None
    persona: str
    budget: float
    authority: float
    need: float
    timing: float
    warmth: float
    luck: float

    @property
    def chance(self) -> float:
        """Probability from 0 to 1 that a deal with this lead is won, once there is one."""
        strength = 0.30 * self.need + 0.25 * self.budget + 0.25 * self.authority + 0.20 * self.timing
        return min(0.95, max(0.03, 1.7 * strength - 0.55))


def draw(random: Random, number: int) -> Traits:
    """The traits of the lead with this number."""
    channel = random.random() < 0.2
    team = "singapore" if channel and random.random() < 0.7 else random.choice(("north", "north", "south", "singapore"))
    sources = CHANNEL_SOURCES if channel else SOURCES
    source, _share, better = random.choices(sources, weights=[share for _code, share, _better in sources])[0]
    persona, departments, title = random.choice(PERSONAS)
    fits = random.random() < 0.68
    first, last = random.choice(FIRST), random.choice(LAST)
    stem = random.choice(STEMS)
    company = f"{stem} {random.choice(FORMS)}"
    domain = stem.lower().replace(" ", "-") + ".example"
    quality = better + (0.08 if fits else -0.08)

    def truth(mean: float) -> float:
        return min(1.0, max(0.0, random.gauss(mean + quality, 0.28)))

    return Traits(
        context="channel" if channel else "direct",
        team=team,
        name=f"{first} {last}",
        company=company,
        email=f"{first}.{last}{number}@{domain}".lower().replace("á", "a").replace("ö", "o"),
        title=title,
        seniority=random.choice(SENIORITIES[2:] if fits else SENIORITIES),
        department=random.choice(departments),
        industry=random.choice(INDUSTRIES if fits else INDUSTRIES + OTHER_INDUSTRIES),
        employees=int(random.lognormvariate(5.6 if fits else 4.2, 1.1)) + 3,
        revenue=int(random.lognormvariate(16.6 if fits else 15.2, 1.0)),
        country=random.choice(COUNTRIES[team]),
        source=source,
        campaign=CAMPAIGN_OF.get(source) if random.random() < 0.8 else None,
        persona=persona,
        budget=truth(0.52),
        authority=truth(0.50),
        need=truth(0.58),
        timing=truth(0.50),
        warmth=truth(0.52),
        luck=random.random(),
    )
