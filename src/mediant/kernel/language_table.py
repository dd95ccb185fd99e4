"""The languages of ISO 639: codes and names, as rows of text.

`COMMON`: those with a two-letter code, and the others that subtitles are made in. One line each:
639-2/T, 639-2/B, 639-1 or `-`, English name, own name or `-`.
`RARE`: the rest of ISO 639-2, three-letter code and English name.
"""

COMMON = """
aar|aar|aa|Afar|-
abk|abk|ab|Abkhazian|Аԥсшәа
afr|afr|af|Afrikaans|Afrikaans
aka|aka|ak|Akan|-
amh|amh|am|Amharic|አማርኛ
ara|ara|ar|Arabic|العربية
arg|arg|an|Aragonese|aragonés
asm|asm|as|Assamese|অসমীয়া
ast|ast|-|Asturian|-
ava|ava|av|Avaric|-
ave|ave|ae|Avestan|-
aym|aym|ay|Aymara|-
aze|aze|az|Azerbaijani|azərbaycan
bak|bak|ba|Bashkir|башҡорт
bam|bam|bm|Bambara|bamanakan
bel|bel|be|Belarusian|беларуская
ben|ben|bn|Bengali|বাংলা
bih|bih|bh|Bihari|-
bis|bis|bi|Bislama|-
bod|tib|bo|Tibetan|བོད་སྐད
bos|bos|bs|Bosnian|bosanski
bre|bre|br|Breton|brezhoneg
bul|bul|bg|Bulgarian|български
cat|cat|ca|Catalan|català
ceb|ceb|-|Cebuano|-
ces|cze|cs|Czech|čeština
cha|cha|ch|Chamorro|-
che|che|ce|Chechen|нохчийн
chu|chu|cu|Church Slavic|-
chv|chv|cv|Chuvash|чӑваш
cmn|cmn|-|Mandarin Chinese|普通话
cnr|cnr|-|Montenegrin|-
cor|cor|kw|Cornish|kernewek
cos|cos|co|Corsican|corsu
cre|cre|cr|Cree|-
cym|wel|cy|Welsh|Cymraeg
dan|dan|da|Danish|dansk
deu|ger|de|German|Deutsch
div|div|dv|Divehi|-
dzo|dzo|dz|Dzongkha|རྫོང་ཁ
ell|gre|el|Greek|Ελληνικά
eng|eng|en|English|English
epo|epo|eo|Esperanto|-
est|est|et|Estonian|eesti
eus|baq|eu|Basque|euskara
ewe|ewe|ee|Ewe|-
fao|fao|fo|Faroese|føroyskt
fas|per|fa|Persian|فارسی
fij|fij|fj|Fijian|-
fil|fil|-|Filipino|Filipino
fin|fin|fi|Finnish|suomi
fra|fre|fr|French|français
fry|fry|fy|Western Frisian|Frysk
ful|ful|ff|Fulah|Pulaar
gla|gla|gd|Scottish Gaelic|Gàidhlig
gle|gle|ga|Irish|Gaeilge
glg|glg|gl|Galician|galego
glv|glv|gv|Manx|Gaelg
grn|grn|gn|Guarani|avañe’ẽ
gsw|gsw|-|Swiss German|-
guj|guj|gu|Gujarati|ગુજરાતી
hat|hat|ht|Haitian Creole|Kreyòl Ayisyen
hau|hau|ha|Hausa|Hausa
haw|haw|-|Hawaiian|ʻŌlelo Hawaiʻi
heb|heb|he|Hebrew|עברית
her|her|hz|Herero|-
hin|hin|hi|Hindi|हिन्दी
hmo|hmo|ho|Hiri Motu|-
hrv|hrv|hr|Croatian|hrvatski
hun|hun|hu|Hungarian|magyar
hye|arm|hy|Armenian|հայերեն
ibo|ibo|ig|Igbo|-
ido|ido|io|Ido|-
iii|iii|ii|Sichuan Yi|ꆈꌠꉙ
iku|iku|iu|Inuktitut|-
ile|ile|ie|Interlingue|-
ina|ina|ia|Interlingua|-
ind|ind|id|Indonesian|bahasa Indonesia
ipk|ipk|ik|Inupiaq|-
isl|ice|is|Icelandic|íslenska
ita|ita|it|Italian|italiano
jav|jav|jv|Javanese|basa Jawa
jpn|jpn|ja|Japanese|日本語
kal|kal|kl|Kalaallisut|kalaallisut
kan|kan|kn|Kannada|ಕನ್ನಡ
kas|kas|ks|Kashmiri|کٲشُر
kat|geo|ka|Georgian|ქართული
kau|kau|kr|Kanuri|-
kaz|kaz|kk|Kazakh|қазақ
khm|khm|km|Khmer|ខ្មែរ
kik|kik|ki|Kikuyu|Gikuyu
kin|kin|rw|Kinyarwanda|Ikinyarwanda
kir|kir|ky|Kyrgyz|кыргызча
kom|kom|kv|Komi|-
kon|kon|kg|Kongo|-
kor|kor|ko|Korean|한국어
kua|kua|kj|Kuanyama|-
kur|kur|ku|Kurdish|kurdî
lao|lao|lo|Lao|ລາວ
lat|lat|la|Latin|Lingua latina
lav|lav|lv|Latvian|latviešu
lim|lim|li|Limburgish|-
lin|lin|ln|Lingala|lingála
lit|lit|lt|Lithuanian|lietuvių
ltz|ltz|lb|Luxembourgish|Lëtzebuergesch
lub|lub|lu|Luba-Katanga|Tshiluba
lug|lug|lg|Ganda|Luganda
mah|mah|mh|Marshallese|-
mal|mal|ml|Malayalam|മലയാളം
mar|mar|mr|Marathi|मराठी
mkd|mac|mk|Macedonian|македонски
mlg|mlg|mg|Malagasy|Malagasy
mlt|mlt|mt|Maltese|Malti
mon|mon|mn|Mongolian|монгол
mri|mao|mi|Maori|Māori
msa|may|ms|Malay|bahasa Melayu
mya|bur|my|Burmese|မြန်မာ
nau|nau|na|Nauru|-
nav|nav|nv|Navajo|Diné Bizaad
nbl|nbl|nr|South Ndebele|-
nde|nde|nd|North Ndebele|isiNdebele
ndo|ndo|ng|Ndonga|-
nep|nep|ne|Nepali|नेपाली
nld|dut|nl|Dutch|Nederlands
nno|nno|nn|Norwegian Nynorsk|norsk nynorsk
nob|nob|nb|Norwegian Bokmål|norsk bokmål
nor|nor|no|Norwegian|norsk
nya|nya|ny|Nyanja|-
oci|oci|oc|Occitan|occitan
oji|oji|oj|Ojibwa|-
ori|ori|or|Odia|ଓଡ଼ିଆ
orm|orm|om|Oromo|Oromoo
oss|oss|os|Ossetic|ирон
pan|pan|pa|Punjabi|ਪੰਜਾਬੀ
pli|pli|pi|Pali|-
pol|pol|pl|Polish|polski
por|por|pt|Portuguese|português
pus|pus|ps|Pashto|پښتو
que|que|qu|Quechua|Runasimi
roh|roh|rm|Romansh|rumantsch
ron|rum|ro|Romanian|română
run|run|rn|Rundi|Ikirundi
rus|rus|ru|Russian|русский
sag|sag|sg|Sango|Sängö
san|san|sa|Sanskrit|संस्कृतम्
sin|sin|si|Sinhala|සිංහල
slk|slo|sk|Slovak|slovenčina
slv|slv|sl|Slovenian|slovenščina
sme|sme|se|Northern Sami|davvisámegiella
smo|smo|sm|Samoan|-
sna|sna|sn|Shona|chiShona
snd|snd|sd|Sindhi|سنڌي
som|som|so|Somali|Soomaali
sot|sot|st|Southern Sotho|Sesotho
spa|spa|es|Spanish|español
sqi|alb|sq|Albanian|shqip
srd|srd|sc|Sardinian|sardu
srp|srp|sr|Serbian|српски
ssw|ssw|ss|Swati|siSwati
sun|sun|su|Sundanese|basa Sunda
swa|swa|sw|Swahili|Kiswahili
swe|swe|sv|Swedish|svenska
tah|tah|ty|Tahitian|-
tam|tam|ta|Tamil|தமிழ்
tat|tat|tt|Tatar|татар
tel|tel|te|Telugu|తెలుగు
tgk|tgk|tg|Tajik|тоҷикӣ
tgl|tgl|tl|Tagalog|Tagalog
tha|tha|th|Thai|ไทย
tir|tir|ti|Tigrinya|ትግርኛ
ton|ton|to|Tongan|-
tsn|tsn|tn|Tswana|Setswana
tso|tso|ts|Tsonga|-
tuk|tuk|tk|Turkmen|türkmen
tur|tur|tr|Turkish|Türkçe
twi|twi|tw|Twi|-
uig|uig|ug|Uyghur|ئۇيغۇرچە
ukr|ukr|uk|Ukrainian|українська
urd|urd|ur|Urdu|اردو
uzb|uzb|uz|Uzbek|oʻzbek
ven|ven|ve|Venda|tshiVenḓa
vie|vie|vi|Vietnamese|Tiếng Việt
vol|vol|vo|Volapük|-
wln|wln|wa|Walloon|walon
wol|wol|wo|Wolof|-
xho|xho|xh|Xhosa|IsiXhosa
yid|yid|yi|Yiddish|ייִדיש
yor|yor|yo|Yoruba|Yorùbá
yue|yue|-|Cantonese|粵語
zha|zha|za|Zhuang|Vahcuengh
zho|chi|zh|Chinese|中文
zul|zul|zu|Zulu|isiZulu
"""

RARE = """
ace Acehnese; ach Acoli; ada Adangme; ady Adyghe; afa Afro-Asiatic languages; afh Afrihili;
ain Ainu; akk Akkadian; ale Aleut; alg Algonquian languages; alt Southern Altai; ang Old English;
anp Angika; apa Apache languages; arc Aramaic; arn Mapuche; arp Arapaho; art Artificial languages;
arw Arawak; ath Athapascan languages; aus Australian languages; awa Awadhi; bad Banda languages;
bai Bamileke languages; bal Baluchi; ban Balinese; bas Basaa; bat Baltic languages; bej Beja;
bem Bemba; ber Berber languages; bho Bhojpuri; bik Bikol; bin Bini; bla Siksika;
bnt Bantu languages; bra Braj; btk Batak languages; bua Buriat; bug Buginese; byn Blin; cad Caddo;
cai Central American Indian languages; car Galibi Carib; cau Caucasian languages;
cel Celtic languages; chb Chibcha; chg Chagatai; chk Chuukese; chm Mari; chn Chinook Jargon;
cho Choctaw; chp Chipewyan; chr Cherokee; chy Cheyenne; cmc Chamic languages; cop Coptic;
cpe English-based creoles and pidgins; cpf French-based creoles and pidgins;
cpp Portuguese-based creoles and pidgins; crh Crimean Tatar; crp Creoles and pidgins;
csb Kashubian; cus Cushitic languages; dak Dakota; dar Dargwa; day Land Dayak languages;
del Delaware; den Slave; dgr Dogrib; din Dinka; doi Dogri; dra Dravidian languages;
dsb Lower Sorbian; dua Duala; dum Middle Dutch; dyu Dyula; efi Efik; egy Ancient Egyptian;
eka Ekajuk; elx Elamite; enm Middle English; ewo Ewondo; fan Fang; fat Fanti;
fiu Finno-Ugrian languages; fon Fon; frm Middle French; fro Old French; frr Northern Frisian;
frs Eastern Frisian; fur Friulian; gaa Ga; gay Gayo; gba Gbaya; gem Germanic languages; gez Geez;
gil Gilbertese; gmh Middle High German; goh Old High German; gon Gondi; gor Gorontalo; got Gothic;
grb Grebo; grc Ancient Greek; gwi Gwich'in; hai Haida; hil Hiligaynon; him Himachali languages;
hit Hittite; hmn Hmong; hsb Upper Sorbian; hup Hupa; iba Iban; ijo Ijo languages; ilo Iloko;
inc Indic languages; ine Indo-European languages; inh Ingush; ira Iranian languages;
iro Iroquoian languages; jbo Lojban; jpr Judeo-Persian; jrb Judeo-Arabic; kaa Kara-Kalpak;
kab Kabyle; kac Kachin; kam Kamba; kar Karen languages; kaw Kawi; kbd Kabardian; kha Khasi;
khi Khoisan languages; kho Khotanese; kmb Kimbundu; kok Konkani; kos Kosraean; kpe Kpelle;
krc Karachay-Balkar; krl Karelian; kro Kru languages; kru Kurukh; kum Kumyk; kut Kutenai;
lad Ladino; lah Lahnda; lam Lamba; lez Lezghian; lol Mongo; loz Lozi; lua Luba-Lulua; lui Luiseno;
lun Lunda; luo Luo; lus Mizo; mad Madurese; mag Magahi; mai Maithili; mak Makasar; man Mandingo;
map Austronesian languages; mas Masai; mdf Moksha; mdr Mandar; men Mende; mga Middle Irish;
mic Mi'kmaw; min Minangkabau; mkh Mon-Khmer languages; mnc Manchu; mni Manipuri;
mno Manobo languages; moh Mohawk; mos Mossi; mun Munda languages; mus Muscogee; mwl Mirandese;
mwr Marwari; myn Mayan languages; myv Erzya; nah Nahuatl languages;
nai North American Indian languages; nap Neapolitan; nds Low German; new Newari; nia Nias;
nic Niger-Kordofanian languages; niu Niuean; nog Nogai; non Old Norse; nqo N'Ko;
nso Northern Sotho; nub Nubian languages; nwc Classical Newari; nym Nyamwezi; nyn Nyankole;
nyo Nyoro; nzi Nzima; osa Osage; ota Ottoman Turkish; oto Otomian languages; paa Papuan languages;
pag Pangasinan; pal Pahlavi; pam Pampanga; pap Papiamento; pau Palauan; peo Old Persian;
phi Philippine languages; phn Phoenician; pon Pohnpeian; pra Prakrit languages; pro Old Provençal;
raj Rajasthani; rap Rapanui; rar Rarotongan; roa Romance languages; rom Romany; rup Aromanian;
sad Sandawe; sah Yakut; sai South American Indian languages; sal Salishan languages;
sam Samaritan Aramaic; sas Sasak; sat Santali; scn Sicilian; sco Scots; sel Selkup;
sem Semitic languages; sga Old Irish; sgn Sign languages; shn Shan; sid Sidamo;
sio Siouan languages; sit Sino-Tibetan languages; sla Slavic languages; sma Southern Sami;
smi Sami languages; smj Lule Sami; smn Inari Sami; sms Skolt Sami; snk Soninke; sog Sogdien;
son Songhai languages; srn Sranan Tongo; srr Serer; ssa Nilo-Saharan languages; suk Sukuma;
sus Susu; sux Sumerian; syc Classical Syriac; syr Syriac; tai Tai languages; tem Timne;
ter Tereno; tet Tetum; tig Tigre; tiv Tiv; tkl Tokelau; tlh Klingon; tli Tlingit; tmh Tamashek;
tog Nyasa Tonga; tpi Tok Pisin; tsi Tsimshian; tum Tumbuka; tup Tupi languages;
tut Altaic languages; tvl Tuvalu; tyv Tuvinian; udm Udmurt; uga Ugaritic; umb Umbundu; vai Vai;
vot Votic; wak Wakashan languages; wal Wolaytta; war Waray; was Washo; wen Sorbian languages;
xal Kalmyk; yao Yao; yap Yapese; ypk Yupik languages; zap Zapotec; zbl Blissymbols; zen Zenaga;
zgh Standard Moroccan Tamazight; znd Zande languages; zun Zuni; zza Zaza
"""
