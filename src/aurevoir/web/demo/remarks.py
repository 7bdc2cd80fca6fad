"""What the invented customers of the demo wrote: follow-ups by reason, and comments. Data, no code."""

from collections.abc import Mapping, Sequence

Texts = Mapping[str, Sequence[str]]

FOLLOW_UPS: Mapping[str, Texts] = {
    "too_expensive": {
        "en": [
            "15 a month would be fine",
            "Something per episode, not per month",
            "Half of it, I publish every other week",
        ],
        "fr": ["Autour de 15 € par mois", "Un tarif par épisode m’irait mieux", "12 € pour deux épisodes par mois"],
        "de": ["Etwa 15 € im Monat", "Lieber pro Folge als pro Monat zahlen", "Um die 12 €"],
        "es": ["Unos 15 € al mes", "Pagaría por episodio, no por mes"],
        "ar": ["نحو ١٥ يورو في الشهر"],
    },
    "missing_features": {
        "en": ["Recording with four guests at once", "Chapters that show up in every player", "An editor on the phone"],
        "fr": ["L’enregistrement à plus de deux", "Des chapitres visibles dans les applications d’écoute"],
        "de": ["Kapitelmarken, die überall ankommen", "Mehr als zwei Gäste gleichzeitig"],
        "es": ["Grabar con más de dos invitados", "Transcripciones en catalán"],
        "ar": ["تفريغ نصي أدق بالعربية"],
    },
    "switched_service": {
        "en": ["My radio station has its own studio", "A desktop editor I already paid for"],
        "fr": ["Le studio de la médiathèque, il est gratuit", "Un logiciel installé sur mon ordinateur"],
        "de": ["Das offene Studio in unserer Stadt", "Ein Programm, das ich einmal bezahlt habe"],
        "es": ["El estudio de la universidad, que es gratis"],
    },
    "too_complex": {
        "en": ["I never understood where the loudness setting is", "Inviting a guest took us half an hour"],
        "fr": ["L’invitation d’un invité, chaque fois", "Le montage à plusieurs pistes"],
        "de": ["Bei der Einladung von Gästen", "Die Pegel habe ich nie verstanden"],
        "es": ["Al invitar a alguien a grabar"],
    },
    "other": {
        "en": ["We ended the show, with a party", "My co-host moved to Lisbon"],
        "fr": ["Notre émission s’arrête après cent épisodes"],
        "de": ["Der Podcast ist zu Ende erzählt"],
        "es": ["Terminamos la temporada y el programa"],
        "ar": ["انتهى برنامجنا بعد موسمه الثالث"],
    },
    "self_service": {
        "en": ["Adding seats without writing to anyone", "Moving a licence between two teams"],
        "fr": ["Ajouter un poste sans écrire à personne"],
        "de": ["Plätze selbst hinzufügen"],
    },
    "payment_terms": {
        "en": ["Thirty days after the invoice", "One invoice for the quarter"],
        "fr": ["Une facture par trimestre"],
        "de": ["Zahlung 30 Tage nach Rechnung"],
    },
    "approvals": {"en": ["Anything above 500 goes to our editor-in-chief"], "de": ["Die Redaktionsleitung gibt frei"]},
    "stock": {"en": ["Replacement microphones, twice this year"], "fr": ["Les micros de rechange"]},
    "cannot_pay_now": {
        "en": ["In spring, when the festival season starts", "Once the grant arrives"],
        "fr": ["Au printemps, avec la saison des festivals", "Quand la subvention sera versée"],
        "de": ["Im Frühjahr, wenn wieder Aufträge kommen"],
        "es": ["En primavera, cuando vuelvan los conciertos"],
    },
    "business_slow": {
        "en": ["Two quieter months at half the price"],
        "fr": ["Deux mois plus légers nous aideraient"],
        "de": ["Zwei ruhige Monate zum halben Preis"],
    },
}

COMMENTS: Texts = {
    "en": [
        "Thank you for three good years. The sound was always lovely.",
        "Please keep the little bird.",
        "I may be back for the second season.",
        "The export was quick, that made leaving easy.",
        "It crashed during my best interview. I got it back, but I was scared.",
        "Good product, wrong moment.",
    ],
    "fr": [
        "Merci pour tout, le son était superbe.",
        "Je reviendrai peut-être à la rentrée.",
        "Le retrait du bruit de fond est remarquable, gardez-le.",
        "Un peu cher quand on ne publie pas chaque semaine.",
    ],
    "de": [
        "Danke, der Klang war immer großartig.",
        "Vielleicht komme ich im Herbst wieder.",
        "Die Rauschunterdrückung ist wirklich gut.",
        "Für ein Hobby leider zu teuer.",
    ],
    "es": [
        "Gracias, sonaba de maravilla.",
        "Quizá vuelva con la próxima temporada.",
        "Muy buena herramienta para empezar.",
    ],
    "ar": ["شكرًا لكم، كانت جودة الصوت رائعة.", "ربما أعود في الموسم القادم."],
}
