"""Letters of other scripts that look like Latin ones, after Unicode's confusables (UTS 39). Data only."""

CYRILLIC = dict(
    zip("аеорсухіјѕԁһӏԛԝԍьвнкмтгпАВЕКМНОРСТУХІЈЅԌԚԜҮүЗз", "aeopcyxijsdhlqwgbbhkmtrnABEKMHOPCTYXIJSGQWYyZz", strict=True)
)
GREEK = dict(zip("αβγεικνορτυχωηΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "abyeikvoptuxwnABEZHIKMNOPTYX", strict=True))
OTHER = dict(
    zip(
        "ɑɡɩɪʏᴀʙᴄᴅᴇꜰɢʜᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡᴢօոսհցզքʼ",
        "agiiyabcdefghjklmnoprstuvwzonuhgqp'",
        strict=True,
    )
)
"""Small capitals, phonetic letters and Armenian."""

LATIN = CYRILLIC | GREEK | OTHER
"""Look-alike -> Latin letter."""
