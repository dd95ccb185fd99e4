"""Small words by which a phrase begins or holds on to the next word, by language.

`LINKS` begin a clause, `PREPOSITIONS` a phrase: a break before them reads well, one after them
badly. `ARTICLES` (with possessives and the like) hold on to their noun, `HOLDS` (subject pronouns,
auxiliaries, negations) to their verb. `SHORTENED` words end in a full stop that ends no sentence.
"""

LINKS = {
    "eng": "and but or nor so because although though while when where who which that if unless "
    "until since whether than as whereas",
    "spa": "y e o u pero sino porque aunque mientras cuando donde quien que si como pues ni",
    "fra": "et ou mais donc car ni or parce que qui quand où si comme lorsque puisque tandis dont",
    "deu": "und oder aber denn sondern weil dass daß wenn als ob obwohl während damit bevor "
    "nachdem der die das welche welcher wo",
    "ita": "e ed o ma però perché che chi quando dove se come mentre anche né oppure quindi",
    "por": "e ou mas porque que quem quando onde se como embora enquanto pois nem",
    "nld": "en of maar want dat die omdat als wanneer terwijl hoewel waar toen dus",
    "swe": "och eller men för att som när om eftersom medan där så",
    "pol": "i a ale lub albo czy że żeby bo ponieważ który która które gdy kiedy jeśli gdzie",
    "rus": "и а но или что чтобы потому если когда где который которая которое как хотя пока",
    "ara": "أن إن لأن لكن ثم أو إذا عندما حيث الذي التي الذين حتى كما بينما",
}

PREPOSITIONS = {
    "eng": "in on at by for from of to with without about into onto over under after before "
    "between through during against among across behind toward towards upon within",
    "spa": "a ante bajo con contra de del desde en entre hacia hasta para por según sin sobre tras "
    "al",
    "fra": "à au aux de du des en dans par pour sur sous avec sans chez entre vers depuis contre",
    "deu": "in im an am auf aus bei beim mit nach von vom zu zum zur für durch gegen ohne um über "
    "unter vor hinter neben zwischen seit",
    "ita": "a al alla ai alle di del della dei delle da dal dalla in nel nella con su sul sulla "
    "per tra fra senza",
    "por": "a ao à aos às de do da dos das em no na nos nas por pelo pela para com sem sobre entre",
    "nld": "in op aan bij voor van naar met zonder over onder door tegen tussen tot uit om te",
    "swe": "i på av till från med utan vid under över mellan mot genom efter före",
    "pol": "w we na do z ze od po za przed przy nad pod o dla bez przez między u",
    "rus": "в во на с со к ко от до по за из у о об для без при над под перед между через",
    "ara": "في من إلى على عن مع بين عند قبل بعد تحت فوق خلال",
}

ARTICLES = {
    "eng": "a an the this these those my your his its our their every each some any no very mr mrs",
    "spa": "el la los las un una unos unas mi mis tu tus su sus este esta estos estas ese esa lo "
    "muy nuestro nuestra cada",
    "fra": "le la les un une mon ma mes ton ta tes son sa ses ce cet cette ces notre nos votre vos "
    "leur leurs très chaque",
    "deu": "den dem des ein eine einen einem einer eines mein meine dein deine sein seine ihr ihre "
    "unser unsere dieser diese dieses kein keine sehr",
    "ita": "il lo la i gli le un uno una mio mia tuo tua suo sua questo questa quel quella molto "
    "ogni",
    "por": "o a os as um uma uns umas meu minha teu tua seu sua este esta esse essa muito cada",
    "nld": "de het een mijn jouw je zijn haar ons onze hun deze dit elke geen heel zeer",
    "swe": "en ett den det de min din sin vår er deras denna detta varje mycket",
    "pol": "mój moja twój twoja jego jej nasz ten ta to te każdy bardzo",
    "rus": "мой моя твой твоя его её наш ваш их этот эта это эти каждый очень",
    "ara": "هذا هذه ذلك تلك كل يا",
}

HOLDS = {
    "eng": "i you he she it we they am is are was were be been being have has had do does did will "
    "would shall should can could may might must not don't doesn't didn't won't can't isn't i'm "
    "you're he's she's it's we're they're i've you've we've they've i'll you'll i'd",
    "spa": "yo tú él ella nosotros ellos me te se nos no he has ha hemos han había es son está "
    "están estoy soy fue era ser estar puede puedo",
    "fra": "je tu il elle on nous vous ils elles me te se ne pas ai as a avons avez ont est sont "
    "suis es sommes êtes était être avoir peut peux j'ai c'est",
    "deu": "ich du er sie es wir nicht bin bist ist sind war waren habe hast hat haben hatte "
    "werde wird werden kann muss will soll",
    "ita": "io tu lui lei noi voi loro mi ti si ci vi non ho hai ha abbiamo hanno è sono sei era "
    "essere può posso",
    "por": "eu tu ele ela nós eles elas me te não tenho tem temos têm é são está estão estou sou "
    "era foi pode posso",
    "nld": "ik jij hij zij wij jullie niet ben bent is was waren heb hebt heeft had zal kan moet "
    "wil",
    "swe": "jag du han hon vi ni inte är var har hade ska kan vill måste",
    "pol": "ja ty on ona my wy oni nie się jest są był była było być mam masz ma",
    "rus": "я ты он она мы вы они не был была было были быть буду будет",
    "ara": "لا لم لن ما قد سوف كان كانت هو هي أنا أنت نحن هم ليس",
}

_SHORTENED = (
    "mr mrs ms dr prof st sr sra srta jr vs etc no nr vol fig sgt capt col gen lt rev hon inc co "
    "ltd ud uds dña d mme mlle m pr hr fr bzw z.b d.h e.g i.e a.m p.m u.s u.k"
)
SHORTENED = frozenset(_SHORTENED.split())
"""`etc`, `a.m` and `U.S` may end a sentence as well; then the next word begins with a capital."""
